/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Stands in for libintl where programs are built for Windows to be tested: nothing is translated.
 */
#ifndef SMB2DIAG_LIBINTL_H
#define SMB2DIAG_LIBINTL_H

#ifdef __cplusplus
extern "C" { /* meson looks for it with the C++ compiler */
#endif

char *gettext(const char *text);
char *dgettext(const char *domain, const char *text);
char *dcgettext(const char *domain, const char *text, int category);
char *ngettext(const char *one, const char *many, unsigned long count);
char *dngettext(const char *domain, const char *one, const char *many, unsigned long count);
char *dcngettext(const char *domain, const char *one, const char *many, unsigned long count,
                 int category);
char *textdomain(const char *domain);
char *bindtextdomain(const char *domain, const char *folder);
char *bind_textdomain_codeset(const char *domain, const char *codeset);

#ifdef __cplusplus
}
#endif

#endif
