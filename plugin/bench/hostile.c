/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Captures made to cost much: made or chosen by somebody who knows what the plugin keeps.
 *
 *   resolvers  COUNT clients of which only one DNS answer is seen
 *   aliases    127 long CNAMEs in a row, then COUNT times a Kerberos error and a SESSION_SETUP
 *   user       a user of 30,000 characters, and COUNT refused TREE_CONNECTs
 *   chained    COUNT refused TREE_CONNECTs in one PDU
 *   crowd      128 DNS records and 64 failed tickets of one client, then COUNT connections to two
 *              servers in turn
 */
#include "recorded_smb2.h"
#include "writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KDC 0xc0000202u     /* 192.0.2.2, which is the DNS server, too */
#define FILES 0xc000021eu   /* 192.0.2.30 */
#define ARCHIVE 0xc000021fu /* 192.0.2.31 */

/* ---- DNS (RFC 1035) ---- */

#define DNS_MAX 60000
#define NAME_MAX_LENGTH 255
#define RECORDS_IN_ANSWER 16

enum { TYPE_A = 1, TYPE_CNAME = 5 };

struct answer {
    uint8_t bytes[DNS_MAX];
    uint32_t length, records;
};

static uint32_t put_name(uint8_t *at, const char *name)
{
    uint32_t length = 0;

    while (*name) {
        const size_t label = strcspn(name, ".");

        at[length] = (uint8_t)label;
        memcpy(at + length + 1, name, label);
        length += (uint32_t)label + 1;
        name += label + (name[label] == '.');
    }
    at[length] = 0;
    return length + 1;
}

static void begin_answer(struct answer *answer, const char *question)
{
    memset(answer->bytes, 0, 12);
    answer->records = 0;
    put_be(answer->bytes + 2, 0x8180, 2);
    put_be(answer->bytes + 4, 1, 2);
    answer->length = 12 + put_name(answer->bytes + 12, question);
    put_be(answer->bytes + answer->length, TYPE_A, 2);
    put_be(answer->bytes + answer->length + 2, 1, 2);
    answer->length += 4;
}

static uint8_t *add_record(struct answer *answer, const char *owner, uint16_t type)
{
    uint8_t *at = answer->bytes + answer->length;
    const uint32_t length = put_name(at, owner);

    at += length;
    put_be(at, type, 2);
    put_be(at + 2, 1, 2);
    put_be(at + 4, 3600, 4);
    answer->length += length + 10;
    answer->records++;
    return at + 8;
}

static void end_record(struct answer *answer, uint8_t *length_at, uint32_t length)
{
    put_be(length_at, length, 2);
    answer->length += length;
}

static void add_cname(struct answer *answer, const char *owner, const char *target)
{
    uint8_t *at = add_record(answer, owner, TYPE_CNAME);

    end_record(answer, at, put_name(at + 2, target));
}

static void add_address(struct answer *answer, const char *owner, uint32_t address)
{
    uint8_t *at = add_record(answer, owner, TYPE_A);

    put_be(at + 2, address, 4);
    end_record(answer, at, 4);
}

static void send_answer(struct answer *answer, uint32_t client)
{
    const struct wire wire = {.client = client, .server = KDC, .port = 40000, .server_port = 53};

    put_be(answer->bytes + 6, answer->records, 2);
    send_datagram(&wire, SERVER, answer->bytes, answer->length);
}

/* As long as a name may be. */
static void long_name(char name[NAME_MAX_LENGTH], unsigned number)
{
    char label[61];

    memset(label, 'a', 60);
    label[60] = '\0';
    snprintf(name, NAME_MAX_LENGTH, "n%u.%s.%s.%s.lab.example", number, label, label, label);
}

/* ---- Kerberos (RFC 4120 5.9.1) ---- */

static uint32_t put_element(uint8_t *at, uint8_t tag, const uint8_t *content, uint32_t length)
{
    memmove(at + 4, content, length); /* which may stand at its own place */
    at[0] = tag;
    at[1] = 0x82;
    put_be(at + 2, length, 2);
    return length + 4;
}

static uint32_t put_field(uint8_t *at, uint8_t number, uint8_t tag, const void *content,
                          uint32_t length)
{
    uint8_t element[1024];
    const uint32_t taken = put_element(element, tag, (const uint8_t *)content, length);

    return put_element(at, (uint8_t)(0xa0 + number), element, taken);
}

static uint32_t put_principal(uint8_t *at, uint8_t number, const char *host)
{
    static const uint8_t host_based = 3;
    uint8_t names[512], fields[800];
    uint32_t length = put_element(names, 0x1b, (const uint8_t *)"cifs", 4), used;

    length += put_element(names + length, 0x1b, (const uint8_t *)host, (uint32_t)strlen(host));
    used = put_field(fields, 0, 0x02, &host_based, 1);
    used += put_field(fields + used, 1, 0x30, names, length);
    return put_field(at, number, 0x30, fields, used);
}

/* KDC_ERR_S_PRINCIPAL_UNKNOWN. */
static void refuse_ticket(uint32_t client, const char *host)
{
    static const uint8_t version = 5, type = 30, code = 7, microseconds = 1;
    const struct wire wire = {.client = client, .server = KDC, .port = 40001, .server_port = 88};
    uint8_t fields[2048], message[2200];
    uint32_t length = put_field(fields, 0, 0x02, &version, 1);

    length += put_field(fields + length, 1, 0x02, &type, 1);
    length += put_field(fields + length, 4, 0x18, "20261119060000Z", 15);
    length += put_field(fields + length, 5, 0x02, &microseconds, 1);
    length += put_field(fields + length, 6, 0x02, &code, 1);
    length += put_field(fields + length, 9, 0x1b, "LAB.EXAMPLE", 11);
    length += put_principal(fields + length, 10, host);
    length = put_element(message, 0x30, fields, length);
    length = put_element(message, 0x7e, message, length);
    send_datagram(&wire, SERVER, message, length);
}

/* ---- connections ---- */

#define NETNAME 5 /* [MS-SMB2] 2.2.3.1.4 */
#define CONTEXT_HEADER 8
#define UNKNOWN_CONTEXT 0x7f

/* Without the context that says what the client calls the server: DNS has to tell. */
static struct message nameless_negotiate(void)
{
    struct message message = from_hex(negotiate_request_311);

    for (uint32_t at = 64; at + CONTEXT_HEADER < message.length; at += 8)
        if (message.bytes[at] == NETNAME && message.bytes[at + 1] == 0 &&
            message.bytes[at + CONTEXT_HEADER + 1] == 0)
            message.bytes[at] = UNKNOWN_CONTEXT;
    return message;
}

static void try_to_log_on(uint64_t index, uint32_t server)
{
    struct wire wire = wire_of(index);
    struct message negotiate = nameless_negotiate();

    wire.server = server;
    send_segment(&wire, CLIENT, SYN, NULL, 0);
    send_segment(&wire, SERVER, SYN | ACK, NULL, 0);
    say_message(&wire, CLIENT, &negotiate);
    say(&wire, SERVER, negotiate_response_311);
    wire.message_id++;
    say(&wire, CLIENT, session_setup_request_first);
    close_wire(&wire);
}

static void write_resolvers(uint64_t count)
{
    static struct answer answer;

    for (uint64_t i = 0; i < count; i++) {
        begin_answer(&answer, "files.lab.example");
        add_address(&answer, "files.lab.example", FILES);
        send_answer(&answer, 0x0a000001u + (uint32_t)i);
    }
}

#define ALIASES 127

static void send_aliases(uint32_t client)
{
    static struct answer answer;
    char owner[NAME_MAX_LENGTH], target[NAME_MAX_LENGTH];

    for (unsigned i = 0; i < ALIASES; i++) {
        long_name(owner, i);
        long_name(target, i + 1);
        if (i % RECORDS_IN_ANSWER == 0)
            begin_answer(&answer, owner);
        add_cname(&answer, owner, target);
        if (i == ALIASES - 1)
            add_address(&answer, target, FILES);
        if (i == ALIASES - 1 || i % RECORDS_IN_ANSWER == RECORDS_IN_ANSWER - 1)
            send_answer(&answer, client);
    }
}

static void write_aliases(uint64_t count)
{
    char name[NAME_MAX_LENGTH];

    long_name(name, 0);
    send_aliases(wire_of(0).client);
    for (uint64_t i = 0; i < count; i++) {
        refuse_ticket(wire_of(i).client, name);
        try_to_log_on(i, FILES);
    }
}

#define CROWD_NAMES 128
#define CROWD_TICKETS 64

static void write_crowd(uint64_t count)
{
    static struct answer answer;
    const uint32_t client = wire_of(0).client;
    char name[64];

    for (unsigned i = 0; i < CROWD_NAMES; i += RECORDS_IN_ANSWER) {
        begin_answer(&answer, "files.lab.example");
        for (unsigned n = i; n < i + RECORDS_IN_ANSWER; n++) {
            snprintf(name, sizeof name, "files%u.lab.example", n);
            add_address(&answer, name, n % 2 ? FILES : ARCHIVE);
        }
        send_answer(&answer, client);
    }
    for (unsigned i = 0; i < CROWD_TICKETS; i++) {
        snprintf(name, sizeof name, "other%u.lab.example", i);
        refuse_ticket(client, name);
    }
    for (uint64_t i = 0; i < count; i++)
        try_to_log_on(i, i % 2 ? FILES : ARCHIVE);
}

/* ---- long and many ---- */

#define USER_CHARACTERS 30000
#define NTLM_FIXED 88
#define SETUP_FIXED 24

/* [MS-NLMP] 2.2.1.3: where a field lies, from the message's first byte on. */
static uint32_t put_ntlm_field(uint8_t *message, unsigned at, uint32_t offset, uint32_t length)
{
    put_le(message + at, length, 2);
    put_le(message + at + 2, length, 2);
    put_le(message + at + 4, offset, 4);
    return offset + length;
}

static uint32_t put_authenticate(uint8_t *message)
{
    uint32_t end = NTLM_FIXED;

    memset(message, 0, NTLM_FIXED + 24);
    memcpy(message, "NTLMSSP", 8);
    put_le(message + 8, 3, 4);
    end = put_ntlm_field(message, 12, end, 0);
    end = put_ntlm_field(message, 20, end, 24);
    end = put_ntlm_field(message, 28, end, 0);
    for (unsigned i = 0; i < USER_CHARACTERS; i++)
        put_le(message + end + 2 * (size_t)i, 'a' + i % 26, 2);
    end = put_ntlm_field(message, 36, end, 2 * USER_CHARACTERS);
    end = put_ntlm_field(message, 44, end, 0);
    end = put_ntlm_field(message, 52, end, 0);
    put_le(message + 60, 0x00080001, 4);
    return end;
}

static void log_on_as_long_user(struct wire *wire)
{
    static uint8_t bytes[65536 + 256];
    const struct message recorded = from_hex(session_setup_request_last);
    uint8_t *body = bytes + 64;
    uint32_t length;

    say(wire, CLIENT, session_setup_request_first);
    wire->session_id = 1;
    say(wire, SERVER, session_setup_response_challenge);
    wire->message_id++;
    memcpy(bytes, recorded.bytes, 64 + SETUP_FIXED);
    length = put_authenticate(body + SETUP_FIXED);
    put_le(body + 12, 64 + SETUP_FIXED, 2);
    put_le(body + 14, length, 2);
    put_le(bytes + 24, wire->message_id, 8);
    put_le(bytes + 40, wire->session_id, 8);
    send_pdu(wire, CLIENT, bytes, 64 + SETUP_FIXED + length);
    say(wire, SERVER, session_setup_response_success);
    wire->message_id++;
}

#define PATH_LENGTH_AT 70 /* [MS-SMB2] 2.2.9 */
#define PATH_AT 72

static struct message ask_for(uint64_t number)
{
    struct message message = from_hex(tree_connect_request_ipc);
    char path[64];
    int length = snprintf(path, sizeof path, "\\\\files\\share-%llu", (unsigned long long)number);

    for (int i = 0; i < length; i++)
        put_le(message.bytes + PATH_AT + 2 * i, (uint8_t)path[i], 2);
    put_le(message.bytes + PATH_LENGTH_AT, 2 * (uint64_t)length, 2);
    message.length = PATH_AT + 2 * (uint32_t)length;
    return message;
}

static void write_user(uint64_t count)
{
    struct wire wire = open_wire(1);

    log_on_as_long_user(&wire);
    for (uint64_t i = 0; i < count; i++) {
        struct message message = ask_for(i);

        say_message(&wire, CLIENT, &message);
        say(&wire, SERVER, tree_connect_response_failure);
        wire.message_id++;
    }
    close_wire(&wire);
}

/* ---- compounds ([MS-SMB2] 3.2.4.1.4) ---- */

struct compound {
    uint8_t *bytes;
    uint32_t length, last;
};

static void add_member(struct compound *compound, struct wire *wire, const struct message *message)
{
    const uint32_t padded = (message->length + 7) & ~7u;
    uint8_t *at;

    compound->bytes = realloc(compound->bytes, compound->length + padded);
    if (!compound->bytes)
        die("no memory");
    if (compound->length)
        put_le(compound->bytes + compound->last + 20, compound->length - compound->last, 4);
    at = compound->bytes + compound->length;
    memset(at, 0, padded);
    memcpy(at, message->bytes, message->length);
    put_le(at + 20, 0, 4);
    put_le(at + 24, wire->message_id++, 8);
    put_le(at + 40, wire->session_id, 8);
    compound->last = compound->length;
    compound->length += padded;
}

static void write_chained(uint64_t count)
{
    struct compound requests = {.length = 0}, responses = {.length = 0};
    const struct message refusal = from_hex(tree_connect_response_failure);
    struct wire wire = open_wire(1);
    uint64_t first;

    log_on(&wire, 1);
    first = wire.message_id;
    for (uint64_t i = 0; i < count; i++) {
        const struct message message = ask_for(i);

        add_member(&requests, &wire, &message);
    }
    wire.message_id = first;
    for (uint64_t i = 0; i < count; i++)
        add_member(&responses, &wire, &refusal);
    send_pdu(&wire, CLIENT, requests.bytes, requests.length);
    send_pdu(&wire, SERVER, responses.bytes, responses.length);
    close_wire(&wire);
    free(requests.bytes);
    free(responses.bytes);
}

bool write_hostile(const char *mode, uint64_t count)
{
    static const struct {
        const char *name;
        void (*write)(uint64_t count);
    } modes[] = {
        {"resolvers", write_resolvers}, {"aliases", write_aliases}, {"user", write_user},
        {"chained", write_chained},     {"crowd", write_crowd},
    };

    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (!strcmp(mode, modes[i].name)) {
            modes[i].write(count);
            return true;
        }
    return false;
}
