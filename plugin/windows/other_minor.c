/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A plugin that was built for another Wireshark, to be refused by this one.
 */
#include <stdint.h>

#define EXPORT __declspec(dllexport)

EXPORT extern const char plugin_version[];
EXPORT extern const int plugin_want_major;
EXPORT extern const int plugin_want_minor;
EXPORT void plugin_register(void);
EXPORT uint32_t plugin_describe(void);

const char plugin_version[] = "1.0";
const int plugin_want_major = 4;
const int plugin_want_minor = 98;

void plugin_register(void)
{
    *(volatile int *)0 = 0; /* nobody may come here */
}

uint32_t plugin_describe(void)
{
    return 1;
}
