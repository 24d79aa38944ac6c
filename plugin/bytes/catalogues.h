/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What plugin/po/catalogues.cmake makes of plugin/po/.
 */
#ifndef SMB2DIAG_CATALOGUES_H
#define SMB2DIAG_CATALOGUES_H

#include "bytes_language.h"

extern const unsigned catalogue_texts;                   /* in each catalogue */
extern const unsigned char *const catalogues[LANGUAGES]; /* the English texts, and the others' */

#endif
