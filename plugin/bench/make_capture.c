/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Writes captures of any size: many connections, or very many messages on one. The messages are
 * recorded ones with other ids.
 *
 *   make_capture MODE COUNT OUT.pcap
 *
 *   connections   COUNT set-ups by NTLM, each on its own ports
 *   visits        the same, a hundred a second, and each logs off
 *   greetings     COUNT connections that NEGOTIATE and end
 *   failures      as connections, but every fifth asks for a share that does not exist
 *   strange       the same, and all of them do, by names made to break reports, or in other scripts
 *   requests      one connection with COUNT TREE_CONNECTs
 *   same-session  COUNT logons under one session id, 100 a connection
 *   unanswered    one connection with COUNT TREE_CONNECTs that only TCP acknowledges
 *
 * Of connections, requests and same-session, the last TREE_CONNECT is for a share that does not
 * exist. More modes: hostile.c
 */
#include "recorded_smb2.h"
#include "writer.h"

#include <stdlib.h>
#include <string.h>
#include <uchar.h>

#define LOGONS_PER_CONNECTION 100

/* ---- modes ---- */

static void write_connections(uint64_t count)
{
    for (uint64_t i = 1; i <= count; i++) {
        struct wire wire = open_wire(i);

        log_on(&wire, i);
        connect_share(&wire, i == count);
        close_wire(&wire);
    }
}

#define COMMAND_AT 12
#define LOGOFF 2
#define LOGOFF_LENGTH 68 /* [MS-SMB2] 2.2.7: header, StructureSize 4, Reserved */

static void log_off(struct wire *wire)
{
    struct message request = from_hex(tree_connect_request_ipc);
    struct message response = from_hex(tree_connect_response_ipc);
    struct message *const both[] = {&request, &response};

    for (unsigned i = 0; i < 2; i++) {
        put_le(both[i]->bytes + COMMAND_AT, LOGOFF, 2);
        put_le(both[i]->bytes + LOGOFF_LENGTH - 4, 4, 4);
        both[i]->length = LOGOFF_LENGTH;
        say_message(wire, i ? SERVER : CLIENT, both[i]);
    }
    wire->message_id++;
}

#define BETWEEN_VISITS 10 /* milliseconds */

static void write_visits(uint64_t count)
{
    for (uint64_t i = 1; i <= count; i++) {
        struct wire wire = open_wire(i);

        log_on(&wire, i);
        connect_share(&wire, false);
        log_off(&wire);
        close_wire(&wire);
        let_pass(BETWEEN_VISITS);
    }
}

/* Markup, formulas, quotes, line ends, terminal codes, marks that turn the line around, and half of
 * a character. */
static const char16_t *const strange_names[] = {
    u"<script>alert(1)</script>",
    u"\"><img src=x onerror=alert(1)>",
    u"=HYPERLINK(\"http://192.0.2.99/\",\"docs\")",
    u"+1",
    u"-1",
    u"@SUM(A1)",
    u"\tdocs",
    u"a\r\nConnection 99: spoofed",
    u"a\u2028Connection 99: spoofed",
    u"a\x0085\x0007\x001b[31mred",
    u"\u202escod",
    u"\xd800share",
    u"it's, \"quoted\"; &amp; $(id) `id` %s %n",
    u"\u00dcbersicht",
    u"\u0434\u0430\u043d\u043d\u044b\u0435",
    u"\u03b4\u03b5\u03b4\u03bf\u03bc\u03ad\u03bd\u03b1",
    u"\u6570\u636e",
    u"\u0628\u064a\u0627\u0646\u0627\u062a",
};
#define STRANGE_NAMES (sizeof strange_names / sizeof *strange_names)

#define PATH_LENGTH_AT 70 /* [MS-SMB2] 2.2.9 */
#define PATH_AT 72

static void ask_for_share(struct wire *wire, const char16_t *name)
{
    static const char16_t host[] = u"\\\\files\\";
    struct message message = from_hex(tree_connect_request_ipc);
    uint8_t *at = message.bytes + PATH_AT;

    for (const char16_t *unit = host; *unit; unit++, at += 2)
        put_le(at, *unit, 2);
    for (; *name; name++, at += 2)
        put_le(at, *name, 2);
    message.length = (uint32_t)(at - message.bytes);
    put_le(message.bytes + PATH_LENGTH_AT, message.length - PATH_AT, 2);
    say_message(wire, CLIENT, &message);
    say(wire, SERVER, tree_connect_response_failure);
    wire->message_id++;
}

#define FAILS_EVERY 5

static void write_greetings(uint64_t count)
{
    for (uint64_t i = 1; i <= count; i++) {
        struct wire wire = open_wire(i);

        close_wire(&wire);
    }
}

static void write_failures(uint64_t count)
{
    for (uint64_t i = 1; i <= count; i++) {
        struct wire wire = open_wire(i);

        log_on(&wire, i);
        if (i % FAILS_EVERY == 0)
            ask_for_share(&wire, u"dcos");
        else
            connect_share(&wire, false);
        close_wire(&wire);
    }
}

static void write_strange(uint64_t count)
{
    for (uint64_t i = 1; i <= count; i++) {
        struct wire wire = open_wire(i);

        log_on(&wire, i);
        ask_for_share(&wire, strange_names[(i - 1) % STRANGE_NAMES]);
        close_wire(&wire);
    }
}

static void write_requests(uint64_t count)
{
    struct wire wire = open_wire(1);

    log_on(&wire, 1);
    for (uint64_t i = 1; i <= count; i++)
        connect_share(&wire, i == count);
    close_wire(&wire);
}

static void write_same_session(uint64_t count)
{
    for (uint64_t i = 0; i < count; i += LOGONS_PER_CONNECTION) {
        struct wire wire = open_wire(i);

        for (uint64_t n = i; n < count && n < i + LOGONS_PER_CONNECTION; n++)
            log_on(&wire, 1);
        connect_share(&wire, i + LOGONS_PER_CONNECTION >= count);
        close_wire(&wire);
    }
}

static void write_unanswered(uint64_t count)
{
    struct wire wire = open_wire(1);

    log_on(&wire, 1);
    for (uint64_t i = 1; i <= count; i++) {
        say(&wire, CLIENT, tree_connect_request_ipc);
        send_segment(&wire, SERVER, ACK, NULL, 0);
        wire.message_id++;
    }
}

static bool write_mode(const char *mode, uint64_t count)
{
    if (!strcmp(mode, "connections"))
        write_connections(count);
    else if (!strcmp(mode, "visits"))
        write_visits(count);
    else if (!strcmp(mode, "greetings"))
        write_greetings(count);
    else if (!strcmp(mode, "failures"))
        write_failures(count);
    else if (!strcmp(mode, "strange"))
        write_strange(count);
    else if (!strcmp(mode, "requests"))
        write_requests(count);
    else if (!strcmp(mode, "same-session"))
        write_same_session(count);
    else if (!strcmp(mode, "unanswered"))
        write_unanswered(count);
    else
        return false;
    return true;
}

int main(int argc, char **argv)
{
    uint64_t count;

    if (argc != 4)
        die("usage: make_capture MODE COUNT OUT.pcap");
    writer_open(argv[3]);
    count = strtoull(argv[2], NULL, 10);
    if (!write_mode(argv[1], count) && !write_hostile(argv[1], count))
        die("no such mode");
    writer_close();
    return 0;
}
