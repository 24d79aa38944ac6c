/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a security blob says: SPNEGO (RFC 4178, [MS-SPNG]), NTLM ([MS-NLMP]) and Kerberos (RFC 4120,
 * RFC 4121); and what Kerberos and DNS messages outside SMB2 say.
 *
 * Parsers take captured bytes, never throw, and give false when the bytes are not that kind of
 * message. What lies outside the captured bytes is "unknown": NULL, 0 or -1 as said at the field.
 * Strings are printable UTF-8, allocated in the given scope.
 */
#ifndef SMB2DIAG_TOKEN_H
#define SMB2DIAG_TOKEN_H

#include "bytes.h"

#include <wireshark.h>
#include <wsutil/wmem/wmem.h>

enum mechanism { /* a bit set: what SPNEGO names */
    MECHANISM_MS_KERBEROS = 1 << 0, /* 1.2.840.48018.1.2.2 */
    MECHANISM_KERBEROS = 1 << 1,    /* 1.2.840.113554.1.2.2 */
    MECHANISM_USER_TO_USER = 1 << 2, /* 1.2.840.113554.1.2.2.3 */
    MECHANISM_NTLM = 1 << 3,        /* 1.3.6.1.4.1.311.2.2.10 */
    MECHANISM_NEGOEX = 1 << 4,      /* 1.3.6.1.4.1.311.2.2.30 */
    MECHANISM_IAKERB = 1 << 5,      /* 1.3.6.1.5.2.5 */
    MECHANISM_OTHER = 1 << 6,
};
#define MECHANISM_ANY_KERBEROS (MECHANISM_MS_KERBEROS | MECHANISM_KERBEROS | MECHANISM_USER_TO_USER)

/* One mechanism's name for a reader ("Kerberos", "NTLM" ...); of several the first set one. */
const char *mechanism_name(unsigned mechanism);

/* Names of all the mechanisms of a set, each once, joined with ", ". */
const char *mechanism_names(unsigned mechanisms, wmem_allocator_t *scope);

enum spnego_result { /* RFC 4178 4.2.2 negState */
    SPNEGO_ACCEPT_COMPLETED = 0,
    SPNEGO_ACCEPT_INCOMPLETE = 1,
    SPNEGO_REJECT = 2,
    SPNEGO_REQUEST_MIC = 3,
    SPNEGO_NO_RESULT = -1,
};

enum token_kind {
    TOKEN_NONE, /* no mechanism token, or one that is not read here */
    TOKEN_NTLM_NEGOTIATE,
    TOKEN_NTLM_CHALLENGE,
    TOKEN_NTLM_AUTHENTICATE,
    TOKEN_KRB_AP_REQ,
    TOKEN_KRB_AP_REP,
    TOKEN_KRB_ERROR,
};

struct ntlm_token {         /* [MS-NLMP] 2.2.1 */
    uint32_t flags;         /* NegotiateFlags */
    const char *target_name;             /* challenge: TargetName */
    const char *netbios_domain, *netbios_computer; /* challenge: from TargetInfo */
    const char *dns_domain, *dns_computer;         /* challenge: from TargetInfo */
    const char *user, *domain, *workstation;       /* authenticate; "" = sent empty */
    uint16_t nt_response_length; /* authenticate: 24 = NTLMv1, 0 = none, more = NTLMv2 */
    const char *spn;        /* authenticate, NTLMv2: MsvAvTargetName, cifs/files; "" = sent empty */
    bool channel_bindings;  /* authenticate: MsvAvChannelBindings present and not all zero */
    bool anonymous;         /* authenticate: no user and an empty or 1-byte response */
};

struct kerberos_message {   /* RFC 4120 5.4, 5.5, 5.9 */
    int type;               /* 10 AS-REQ, 11 AS-REP, 12 TGS-REQ, 13 TGS-REP, 14 AP-REQ, 15 AP-REP,
                             * 30 KRB-ERROR */
    const char *realm;      /* of the service (request, ticket, error) */
    const char *service;    /* sname joined with '/', e.g. cifs/files.lab.example; NULL if empty */
    const char *client;     /* cname joined with '/', where it is readable */
    const char *client_realm;
    uint32_t nonce;         /* requests; 0 = unknown */
    int error_code;         /* KRB-ERROR; -1 = unknown */
    int64_t server_time;    /* KRB-ERROR stime: seconds since 1970; 0 = unknown */
    const char *error_text; /* KRB-ERROR e-text */
    uint32_t nt_status;     /* KRB-ERROR e-data of KERB-ERR-TYPE-EXTENDED or PA-PW-SALT,
                             * [MS-KILE] 2.2.2; 0 = none */
    bool preauthenticated;  /* AS-REQ: a filled PA-ENC-TIMESTAMP (2), PA-PK-AS-REQ (16) or
                             * PA-FX-FAST (136); TGS-REQ: PA-TGS-REQ (1) or PA-FX-FAST */
    uint32_t etypes[16];    /* requests: etype list, ticket: etype of enc-part (first) */
    unsigned etype_count;
    unsigned key_version;   /* ticket: kvno; 0 = unknown */
};

struct token {
    bool spnego;             /* wrapped in SPNEGO */
    unsigned offered;        /* negTokenInit: set of mechanisms */
    unsigned first_offered;  /* negTokenInit: the preferred one */
    int result;              /* negTokenResp: enum spnego_result */
    unsigned selected;       /* negTokenResp: supportedMech, 0 = none */
    enum token_kind kind;
    struct ntlm_token ntlm;
    struct kerberos_message kerberos; /* AP-REQ: service and realm of its ticket; KRB-ERROR */
};

/* Reads a security blob: SPNEGO, raw NTLMSSP, raw or GSS-framed Kerberos. false: none of them. */
bool token_parse(struct bytes blob, wmem_allocator_t *scope, struct token *out);

/* Reads an NTLMSSP message ("NTLMSSP\0" first). */
bool ntlm_parse(struct bytes message, wmem_allocator_t *scope, enum token_kind *kind,
                struct ntlm_token *out);

/* Reads a Kerberos message: DER from its application tag on, or a 4-byte TCP record mark first. */
bool kerberos_parse(struct bytes message, wmem_allocator_t *scope, struct kerberos_message *out);

/* ---- DNS (RFC 1035) ---- */

#define DNS_ANSWERS_MAX 16

enum dns_kind { DNS_A = 1, DNS_CNAME = 5, DNS_AAAA = 28 };

struct dns_answer {
    enum dns_kind kind;
    const char *owner;   /* lower case, no final dot, escaped as in RFC 1035 5.1 */
    const char *target;  /* DNS_CNAME: lower case, no final dot; else NULL */
    uint8_t address[16]; /* DNS_A: 4 bytes; DNS_AAAA: 16 */
};

struct dns_response {
    const char *question; /* lower case, no final dot; NULL = none */
    uint16_t question_type;
    uint8_t rcode;
    unsigned count;       /* answers kept: A, AAAA and CNAME of the answer section */
    struct dns_answer answers[DNS_ANSWERS_MAX];
};

/* Reads a response to a standard query, from its header on (not from a 2-byte TCP length on). */
bool dns_response_parse(struct bytes message, wmem_allocator_t *scope, struct dns_response *out);

#endif
