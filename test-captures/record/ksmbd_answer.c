/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Preloaded into ksmbd.mountd 3.4.7, the one of Debian 12. A newer kernel wants the answer about a
 * share to say how long its payload is, or has no such share; the tools leave that field zero. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <string.h>

#define SHARE_CONFIG_RESPONSE 7
#define PAYLOAD_SIZE_AT 528
#define PAYLOAD_AT 536

struct nl_msg;

int nla_put(struct nl_msg *message, int type, int size, const void *data)
{
    int (*next)(struct nl_msg *, int, int, const void *) = dlsym(RTLD_NEXT, "nla_put");
    char answer[4096];

    if (type == SHARE_CONFIG_RESPONSE && size > PAYLOAD_AT && size <= (int)sizeof(answer)) {
        uint32_t payload = (uint32_t)(size - PAYLOAD_AT);

        memcpy(answer, data, (size_t)size);
        memcpy(answer + PAYLOAD_SIZE_AT, &payload, sizeof(payload));
        data = answer;
    }
    return next(message, type, size, data);
}
