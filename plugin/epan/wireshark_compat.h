/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Every difference between the Wireshark versions that the plugin builds with, and nothing else.
 */
#ifndef SMB2DIAG_WIRESHARK_COMPAT_H
#define SMB2DIAG_WIRESHARK_COMPAT_H

#include <ws_version.h>

#include <epan/packet.h>
#include <epan/plugin_if.h>
#include <epan/stats_tree.h>
#include <epan/tap.h>

#include <stdlib.h>

#define WIRESHARK_AT_LEAST(major, minor)                                                           \
    (WIRESHARK_VERSION_MAJOR > (major) ||                                                          \
     (WIRESHARK_VERSION_MAJOR == (major) && WIRESHARK_VERSION_MINOR >= (minor)))

/* field_info.value became a pointer; preferences and some callbacks went from gboolean to bool. */
#if WIRESHARK_AT_LEAST(4, 2)
#define FIELD_VALUE(field) ((field)->value)
#else
#define FIELD_VALUE(field) (&(field)->value)
#endif

#if WIRESHARK_AT_LEAST(4, 4)
typedef bool preference_bool;
#else
typedef gboolean preference_bool;
#endif

/* The initialiser of a statistics command says since 4.6 whether it succeeded. Before, tshark's own
 * ones end the program; in the window, nobody would want that. */
#if WIRESHARK_AT_LEAST(4, 6)
typedef bool stat_tap_init_result;
#define STAT_TAP_INIT_DONE return true
#define STAT_TAP_INIT_FAILED return false
#else
typedef void stat_tap_init_result;
#define STAT_TAP_INIT_DONE return
#define STAT_TAP_INIT_FAILED                                                                       \
    do {                                                                                           \
        ws_info_t *window = NULL;                                                                  \
                                                                                                   \
        plugin_if_get_ws_info(&window);                                                            \
        if (!window || !window->ws_info_supported)                                                 \
            exit(1);                                                                               \
        return;                                                                                    \
    } while (0)
#endif

/* The separator of menu levels in a statistics tree's name. */
#ifndef STATS_TREE_MENU_SEPARATOR
#define STATS_TREE_MENU_SEPARATOR "/"
#endif

/* Since 4.4 a conversation filter's callbacks get data of their own. */
#if WIRESHARK_AT_LEAST(4, 4)
typedef bool conversation_filter_answer;
#define CONVERSATION_FILTER_ARGUMENTS packet_info *pinfo, void *unused _U_
#define REGISTER_CONVERSATION_FILTER(protocol, name, available, build)                             \
    register_conversation_filter(protocol, name, available, build, NULL)
#else
typedef gboolean conversation_filter_answer;
#define CONVERSATION_FILTER_ARGUMENTS packet_info *pinfo
#define REGISTER_CONVERSATION_FILTER(protocol, name, available, build)                             \
    register_conversation_filter(protocol, name, available, build)
#endif

/* Flow graphs: libwireshark exports the functions, but no package has their header. Declared as the
 * versions know it of which that was seen; of what Wireshark allocates, no more than is used. */
#if defined(__has_include) && __has_include(<epan/sequence_analysis.h>)
#include <epan/sequence_analysis.h>
#else
typedef struct _seq_analysis_item {
    uint32_t frame_number;
    address src_addr;
    uint16_t port_src;
    address dst_addr;
    uint16_t port_dst;
    char *frame_label; /* on the arrow */
    char *time_str;
    char *comment; /* beside the graph */
    uint16_t conv_num;
    unsigned fg_color, bg_color;      /* 0xRRGGBB */
    preference_bool has_color_filter; /* whether the colours count */
    preference_bool display;
    unsigned src_node, dst_node;
    uint16_t line_style;
} seq_analysis_item_t;

typedef struct _seq_analysis_info {
    const char *name;
    preference_bool any_addr;
    int nconv;
    GQueue *items;
} seq_analysis_info_t;

WS_DLL_PUBLIC void register_seq_analysis(const char *name, const char *ui_name, const int protocol,
                                         const char *tap_listener, unsigned tap_flags,
                                         tap_packet_cb packet);
/* NULL: the frame has no addresses. */
WS_DLL_PUBLIC seq_analysis_item_t *
sequence_analysis_create_sai_with_addresses(packet_info *pinfo, seq_analysis_info_t *info);
#endif

#endif
