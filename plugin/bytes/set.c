/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * GLib's hash tables as sets that end with their scope.
 */
#include "bytes.h"

#include <ws_version.h>

/* wmem went from gboolean to bool. */
#if WIRESHARK_VERSION_MAJOR > 4 || WIRESHARK_VERSION_MINOR >= 4
typedef bool callback_result;
#else
typedef gboolean callback_result;
#endif

static callback_result destroy_set(wmem_allocator_t *scope, wmem_cb_event_t event, void *set)
{
    (void)scope;
    (void)event;
    g_hash_table_destroy((GHashTable *)set);
    return 0;
}

GHashTable *set_new(wmem_allocator_t *scope, GHashFunc hash, GEqualFunc equal)
{
    GHashTable *set = g_hash_table_new(hash, equal);

    wmem_register_callback(scope, destroy_set, set);
    return set;
}
