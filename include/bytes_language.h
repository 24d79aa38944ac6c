/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The room bytes, second part: texts for readers. They stand in the sources in English, and travel
 * in English; whoever shows one to a reader asks for it in the reader's language. What holds for
 * bytes.h holds here.
 */
#ifndef SMB2DIAG_BYTES_LANGUAGE_H
#define SMB2DIAG_BYTES_LANGUAGE_H

#include "bytes.h"

/* Marks a text for the translators where nothing else does: see plugin/po/README.md. */
#ifndef N_
#define N_(text) text
#endif

#endif
