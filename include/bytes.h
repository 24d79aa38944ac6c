/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The room bytes: captured bytes, read with bounds checks, and the plainest things that are found
 * in them: hosts, segments, where messages begin, DER elements, text. It knows no message.
 *
 * Every reader gives 0 for what lies outside of what was captured.
 */
#ifndef SMB2DIAG_BYTES_H
#define SMB2DIAG_BYTES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <wireshark.h>
#include <wsutil/str_util.h>
#include <wsutil/wmem/wmem.h>

/* ---- views ---- */

/* A view on captured bytes. It owns nothing and is valid only while its source is. */
struct bytes {
    const uint8_t *data; /* NULL only with length 0 */
    uint32_t length;     /* what was captured, never what a length field claims */
};

/* Whether all of [offset, offset + length) was captured. Safe against overflow. */
static inline bool bytes_has(struct bytes bytes, uint32_t offset, uint32_t length)
{
    return offset <= bytes.length && length <= bytes.length - offset;
}

/* The part [offset, offset + length); empty where not all of it was captured. */
static inline struct bytes bytes_slice(struct bytes bytes, uint32_t offset, uint32_t length)
{
    if (length == 0 || !bytes_has(bytes, offset, length))
        return (struct bytes){0};
    return (struct bytes){bytes.data + offset, length};
}

/* Everything from offset on; empty when offset lies outside. */
static inline struct bytes bytes_from(struct bytes bytes, uint32_t offset)
{
    return offset <= bytes.length ? bytes_slice(bytes, offset, bytes.length - offset)
                                  : (struct bytes){0};
}

static inline uint8_t bytes_u8(struct bytes bytes, uint32_t offset)
{
    return bytes_has(bytes, offset, 1) ? bytes.data[offset] : 0;
}

static inline uint16_t bytes_le16(struct bytes bytes, uint32_t offset)
{
    uint16_t value;

    if (!bytes_has(bytes, offset, sizeof value))
        return 0;
    memcpy(&value, bytes.data + offset, sizeof value);
    return GUINT16_FROM_LE(value);
}

static inline uint32_t bytes_le32(struct bytes bytes, uint32_t offset)
{
    uint32_t value;

    if (!bytes_has(bytes, offset, sizeof value))
        return 0;
    memcpy(&value, bytes.data + offset, sizeof value);
    return GUINT32_FROM_LE(value);
}

static inline uint64_t bytes_le64(struct bytes bytes, uint32_t offset)
{
    uint64_t value;

    if (!bytes_has(bytes, offset, sizeof value))
        return 0;
    memcpy(&value, bytes.data + offset, sizeof value);
    return GUINT64_FROM_LE(value);
}

static inline uint16_t bytes_be16(struct bytes bytes, uint32_t offset)
{
    uint16_t value;

    if (!bytes_has(bytes, offset, sizeof value))
        return 0;
    memcpy(&value, bytes.data + offset, sizeof value);
    return GUINT16_FROM_BE(value);
}

static inline uint32_t bytes_be32(struct bytes bytes, uint32_t offset)
{
    uint32_t value;

    if (!bytes_has(bytes, offset, sizeof value))
        return 0;
    memcpy(&value, bytes.data + offset, sizeof value);
    return GUINT32_FROM_BE(value);
}

/* A part of a packet, of which the end may not have been captured. */
struct part {
    struct bytes bytes; /* never more than length */
    uint32_t length;    /* on the wire, as far as the capture tells */
};

/* Everything from offset on; empty when offset lies outside. */
static inline struct part part_from(struct part part, uint32_t offset)
{
    return (struct part){bytes_from(part.bytes, offset),
                         offset < part.length ? part.length - offset : 0};
}

/* What comes before length; all of it when it is not longer. */
static inline struct part part_until(struct part part, uint32_t length)
{
    if (length < part.length)
        part.length = length;
    if (length < part.bytes.length)
        part.bytes.length = length;
    return part;
}

static inline bool part_is_cut(struct part part)
{
    return part.bytes.length < part.length;
}

/* ---- hosts and frames ---- */

struct address {
    uint8_t length; /* 4, 16; 0 = none */
    uint8_t bytes[16];
};
static inline bool address_equal(const struct address *a, const struct address *b)
{
    return memcmp(a, b, sizeof *a) == 0; /* bytes beyond the length are 0 */
}
/* "192.0.2.30", "2001:db8::30" (RFC 5952); "?" where there is none. Never NULL. */
char *address_text(const struct address *address, wmem_allocator_t *scope);

/* An IPv4 or IPv6 address in writing, or an ipv6-literal.net name. NULL and "" are none. */
bool name_is_address(const char *name);
/* Same host: equal ignoring case, or one is the other's first label. false where one is NULL. */
bool host_names_match(const char *a, const char *b);
/* Names that match have the same one: it saves most comparisons. name: may be NULL. */
uint32_t host_name_hash(const char *name);

struct endpoint {
    struct address address;
    uint16_t port;
};
static inline bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
    return a->port == b->port && address_equal(&a->address, &b->address);
}

/* A network card's (IEEE 802); all 0: unknown. */
struct mac_address {
    uint8_t bytes[6];
};
bool mac_known(const struct mac_address *mac);
bool mac_equal(const struct mac_address *a, const struct mac_address *b);

/* What IP says of a packet's way; all 0: unknown. */
struct ip_trail {
    uint8_t hops_left;       /* TTL or hop limit: each router takes one off */
    uint16_t identification; /* IPv4's; 0: none, as atomic packets may have (RFC 6864 4.1) */
};

/* What is told of a frame, whatever it carries. */
struct frame {
    uint32_t number; /* from 1 */
    int64_t time;    /* nanoseconds since 1970 */
    struct endpoint source, destination;
    struct mac_address sender; /* the source's own card; unknown where no datagram was found */
    struct ip_trail trail;     /* likewise */
};

/* ---- IP: the packet with the frame's addresses and ports, in a data source ---- */

enum transport { TRANSPORT_TCP = 6, TRANSPORT_UDP = 17 }; /* IANA's protocol numbers */

struct tcp_segment { /* RFC 9293 3.1 */
    uint32_t sequence, acknowledgement;
    uint32_t length; /* payload bytes on the wire */
    bool syn, ack, fin, reset;
    bool bare; /* no options, or the segment size alone: every common TCP says more in its SYN */
};

struct datagram {
    struct tcp_segment segment; /* zeroed where it is UDP */
    struct part payload;        /* a view on the source */
    struct mac_address sender;  /* the card of the packet's source; unknown where a router sent it
                                   on, in tunnels, and where the link is no Ethernet */
    struct ip_trail trail;      /* unknown where it was reassembled from fragments */
};

/* false: none there, or only a fragment. */
bool datagram_find(const struct frame *frame, enum transport transport, struct part source,
                   struct datagram *out);
/* The same where the transport's header is what the source begins with: reassembled from fragments.
 */
bool datagram_at_start(const struct frame *frame, enum transport transport, struct part source,
                       struct datagram *out);

/* ---- ICMP errors that quote a TCP segment (RFC 792, RFC 4443 3) ---- */

enum icmp_kind {
    ICMP_PROHIBITED = 1, /* by rule: RFC 792 3/9, 3/10, 3/13, RFC 4443 1/1, 1/5 */
    ICMP_NO_PORT,        /* port unreachable: for TCP, a firewall's word (RFC 9293 knows resets) */
    ICMP_NO_HOST,        /* host, network or address unreachable */
    ICMP_TOO_BIG,        /* the packet does not fit: RFC 1191 4, RFC 4443 3.2 */
    ICMP_OTHER,
};

struct icmp_error {
    struct address reporter;             /* who sent it */
    struct endpoint source, destination; /* of the quoted segment */
    uint32_t sequence;
    uint32_t mtu; /* ICMP_TOO_BIG: what would fit; 0 = not said */
    uint8_t type, code;
    bool is_ipv6;
};
/* ports: those that the quoted segment has; both 0 = not known. false: none there that quotes a TCP
 * segment. */
bool icmp_error_find(uint16_t source_port, uint16_t destination_port, struct part packet,
                     struct icmp_error *out);
enum icmp_kind icmp_error_kind(const struct icmp_error *error);
/* "administratively prohibited" */
const char *icmp_kind_name(enum icmp_kind kind);

/* ---- framing: how messages follow one another in what TCP carries, and in what a PDU holds. Each
 * function takes the next one off *rest and gives false, with *rest untouched, when there is none
 * ----
 */

#define SMB2_HEADER_LENGTH 64           /* [MS-SMB2] 2.2.1 */
#define SMB2_TRANSFORM_HEADER_LENGTH 52 /* [MS-SMB2] 2.2.41 */

/* The first byte of a message; "SMB" follows. */
enum smb_kind {
    SMB2_COMPRESSED = 0xfc, /* [MS-SMB2] 2.2.42 */
    SMB2_TRANSFORM = 0xfd,  /* 2.2.41 */
    SMB2_MESSAGE = 0xfe,    /* 2.2.1 */
    SMB1_MESSAGE = 0xff,    /* [MS-CIFS] 2.2.3.1 */
};

/* Whether an SMB1 message, an SMB2 message, a transform or a compressed message begins there. */
bool is_smb(struct bytes bytes);

/* Whether a session message with an SMB message begins there; and whether that is a response, as
 * its flags say. */
bool nbss_begins(struct bytes bytes);
bool nbss_begins_response(struct bytes bytes);

/* RFC 1002 4.3.1 and [MS-SMB2] 2.1: the contents of the next session message, as far as they are in
 * *rest; other packets of the session service are passed over. */
bool nbss_next(struct part *rest, struct part *contents);

/* The code of a negative session response (RFC 1002 4.3.4); 0: there is none. */
uint8_t nbss_refusal(struct bytes bytes);

/* A message behind its length, of 2 bytes (DNS, RFC 1035 4.2.2) or 4 (Kerberos, RFC 4120 7.2.2).
 * message->length is what that says: where the end is not in *rest, the message is cut. */
bool record_next(struct part *rest, uint32_t length_width, struct part *message);

/* A member of a compound ([MS-SMB2] 3.3.4.1.3), or a message of another kind: an encrypted one
 * without what follows it ([MS-SMB2] 2.2.41). The last one goes to the end. */
bool smb_next(struct part *rest, struct part *message);

/* From where in a packet an SMB message seems to begin, found by its first bytes; empty where there
 * is none. */
struct part smb_search(struct part packet);

/* ---- DER (X.690): one element after the other, within what was captured ---- */

/* Identifier octets; high tag numbers are not read here. */
enum der_tag {
    DER_INTEGER = 0x02,
    DER_OCTET_STRING = 0x04,
    DER_OID = 0x06,
    DER_ENUMERATED = 0x0a,
    DER_GENERALIZED_TIME = 0x18,
    DER_GENERAL_STRING = 0x1b,
    DER_SEQUENCE = 0x30,
    DER_APPLICATION = 0x60, /* constructed, plus its number */
    DER_CONTEXT = 0xa0,     /* constructed, plus its number */
};

struct der {
    uint8_t tag;
    bool whole;         /* all of the content was captured */
    struct bytes value; /* the content, as far as it was captured */
};

/* Takes the next element off rest. False at its end, where tag or length are cut, and at a length
 * that is indefinite or takes more than 4 bytes. */
bool der_next(struct bytes *rest, struct der *out);

/* The content of the first element, when it has this tag; else empty. */
struct bytes der_content(struct bytes bytes, uint8_t tag);

/* The first element with this tag among the elements of bytes. */
bool der_find(struct bytes bytes, uint8_t tag, struct der *out);

/* The element of this type in the explicitly tagged field of this number. */
bool der_field(struct bytes sequence, uint8_t number, uint8_t type, struct der *out);

/* A captured INTEGER or ENUMERATED of at most 8 bytes; fallback for all else. */
int64_t der_number(const struct der *element, int64_t fallback);
int64_t der_field_number(struct bytes sequence, uint8_t number, int64_t fallback);

/* ---- text: captured text as printable UTF-8; what cannot be shown becomes U+FFFD ---- */

/* Bytes of UTF-8 that are kept of a text. Names of hosts, users, shares and services are shorter; a
 * longer one ends with "... (30000 bytes)". */
#define TEXT_MAX 1024

/* A copy of the first length bytes, which have to be there; wmem_strndup() goes byte by byte. */
char *text_copy(const char *text, size_t length, wmem_allocator_t *scope);

/* UTF-16LE; final NULs are taken for padding. Never NULL. */
const char *text_from_utf16(struct bytes bytes, wmem_allocator_t *scope);

/* UTF-8 or ASCII; final NULs are taken for padding. Never NULL. */
const char *text_from_utf8(struct bytes bytes, wmem_allocator_t *scope);

/* Appends what text_from_utf8 would give; nothing more once out has TEXT_MAX bytes. */
void text_append_utf8(wmem_strbuf_t *out, struct bytes bytes);

/* ---- what is kept ---- */

/* A hash of any bytes, another one in each process: a capture cannot choose what collides. */
uint32_t bytes_hash(const void *data, size_t length);
/* The same for either case of ASCII letters. */
uint32_t name_hash(const char *name, size_t length);

/* What is allocated in it goes with wmem_free_all(), at the latest when scope ends. */
wmem_allocator_t *scratch_new(wmem_allocator_t *scope);

/* Memory for small structures of which there are very many. It ends with the scope. */
struct pool;
struct pool *pool_new(wmem_allocator_t *scope);
/* All zero. */
void *pool_take(struct pool *pool, size_t size);
/* It is used again for what has the same size. piece: may be NULL. */
void pool_return(struct pool *pool, void *piece, size_t size);
#define POOL_NEW(pool, type) ((type *)pool_take(pool, sizeof(type)))
#define POOL_RETURN(pool, piece) pool_return(pool, piece, sizeof *(piece))

/* A set of pointers, and a look-up costs no more than a hash: for what comes by the thousand. It
 * ends with the scope, with what it points to untouched. */
GHashTable *set_new(wmem_allocator_t *scope, GHashFunc hash, GEqualFunc equal);

/* Keeps one copy of each of the things that it is given, for as long as the scope lasts: names and
 * messages come again and again. */
struct store;
struct store *store_new(wmem_allocator_t *scope);
/* A copy of these bytes, aligned for any structure; the same one for the same bytes. */
const void *store_keep(struct store *store, const void *data, size_t length);
/* NULL for NULL. */
const char *store_text(struct store *store, const char *text);

#endif
