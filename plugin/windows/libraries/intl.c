/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libintl.h"

#include <stddef.h>

/* The interface says char *, and means that callers leave it alone. */
static char *untranslated(const char *text)
{
    return (char *)text;
}

char *gettext(const char *text)
{
    return untranslated(text);
}

char *dgettext(const char *domain, const char *text)
{
    (void)domain;
    return untranslated(text);
}

char *dcgettext(const char *domain, const char *text, int category)
{
    (void)category;
    return dgettext(domain, text);
}

char *ngettext(const char *one, const char *many, unsigned long count)
{
    return untranslated(count == 1 ? one : many);
}

char *dngettext(const char *domain, const char *one, const char *many, unsigned long count)
{
    (void)domain;
    return ngettext(one, many, count);
}

char *dcngettext(const char *domain, const char *one, const char *many, unsigned long count,
                 int category)
{
    (void)category;
    return dngettext(domain, one, many, count);
}

char *textdomain(const char *domain)
{
    return untranslated(domain);
}

char *bindtextdomain(const char *domain, const char *folder)
{
    (void)domain;
    return untranslated(folder);
}

char *bind_textdomain_codeset(const char *domain, const char *codeset)
{
    (void)domain;
    return untranslated(codeset);
}
