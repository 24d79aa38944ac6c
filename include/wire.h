/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The room wire: bytes in, structs out, and the words for what is in them. It keeps nothing.
 *
 * Parsers take captured bytes, never throw, and give false, with *out zeroed, when the bytes are
 * not that kind of message or its fixed part was not captured. What lies outside the captured bytes
 * is "unknown": NULL, 0, -1 or a flag as said at the field. Strings are printable UTF-8, allocated
 * in the given scope. Texts are never NULL.
 */
#ifndef SMB2DIAG_WIRE_H
#define SMB2DIAG_WIRE_H

#include "bytes.h"
#include "wire_codes.h"

/* ---- [MS-SMB2] 2.2.1: the header ---- */

enum smb2_command {
    SMB2_NEGOTIATE = 0x00,
    SMB2_SESSION_SETUP = 0x01,
    SMB2_LOGOFF = 0x02,
    SMB2_TREE_CONNECT = 0x03,
    SMB2_TREE_DISCONNECT = 0x04,
    SMB2_CREATE = 0x05,
    SMB2_READ = 0x08,
    SMB2_WRITE = 0x09,
    SMB2_IOCTL = 0x0b,
    SMB2_CANCEL = 0x0c,
    SMB2_ECHO = 0x0d,
    SMB2_OPLOCK_BREAK = 0x12,
    SMB1_NEGOTIATE = 0x72, /* SMB_COM_NEGOTIATE, [MS-CIFS] 2.2.4.52; no SMB2 command is 0x72 */
};

enum smb2_header_flags { /* [MS-SMB2] 2.2.1.2 */
                         SMB2_FLAGS_SERVER_TO_REDIR = 0x00000001,
                         SMB2_FLAGS_ASYNC_COMMAND = 0x00000002,
                         SMB2_FLAGS_RELATED_OPERATIONS = 0x00000004,
                         SMB2_FLAGS_SIGNED = 0x00000008,
};

struct smb2_header {
    uint16_t command;
    uint32_t status; /* responses only; requests carry the channel sequence there */
    uint32_t flags;
    uint64_t message_id;
    uint32_t tree_id;    /* without SMB2_FLAGS_ASYNC_COMMAND only, else 0; 0 where it was cut off */
    uint64_t session_id; /* likewise */
    bool ids_cut;        /* the two were cut off */
};

/* [MS-SMB2] 2.2.41: the transform header of an encrypted message. */
struct smb2_transform {
    uint64_t session_id;
};

static inline bool smb2_is_response(const struct smb2_header *header)
{
    return header->flags & SMB2_FLAGS_SERVER_TO_REDIR;
}

/* ---- [MS-SMB2] 2.2.3, 2.2.4: NEGOTIATE ---- */

enum smb2_dialect {
    DIALECT_2_0_2 = 0x0202,
    DIALECT_2_1 = 0x0210,
    DIALECT_3_0 = 0x0300,
    DIALECT_3_0_2 = 0x0302,
    DIALECT_3_1_1 = 0x0311,
    DIALECT_WILDCARD = 0x02ff,
};

enum smb2_security_mode {
    SMB2_NEGOTIATE_SIGNING_ENABLED = 0x0001,
    SMB2_NEGOTIATE_SIGNING_REQUIRED = 0x0002,
};

#define GUID_LENGTH 16
#define SMB2_GLOBAL_CAP_MULTI_CHANNEL 0x00000008
#define SMB2_GLOBAL_CAP_ENCRYPTION 0x00000040

enum negotiate_context_type { /* [MS-SMB2] 2.2.3.1 */
                              CONTEXT_PREAUTH_INTEGRITY = 0x0001,
                              CONTEXT_ENCRYPTION = 0x0002,
                              CONTEXT_COMPRESSION = 0x0003,
                              CONTEXT_NETNAME = 0x0005,
                              CONTEXT_TRANSPORT = 0x0006,
                              CONTEXT_RDMA_TRANSFORM = 0x0007,
                              CONTEXT_SIGNING = 0x0008,
};

#define LISTED_MAX 16 /* identifiers kept of one list; the claimed count is kept beside them */

/* A list of 16-bit identifiers: dialects or ciphers. */
struct id_list {
    uint16_t count;  /* as the message claims */
    uint16_t listed; /* how many of them were captured and kept in ids */
    uint16_t ids[LISTED_MAX];
};

bool id_list_contains(const struct id_list *list, uint16_t id);
/* All of the list was captured. */
bool id_list_complete(const struct id_list *list);
/* Lowest and highest of a list of dialects, the wildcard left out; 0 = none. */
uint16_t lowest_dialect(const struct id_list *list);
uint16_t highest_dialect(const struct id_list *list);

struct negotiate_contexts {
    bool known;     /* false: not a 3.1.1 message, or not all contexts were captured */
    bool malformed; /* whatever was captured: the first context is not 8-aligned or lies in the
                     * fixed part, or a list or a salt does not fit its context */
    uint16_t hash_contexts, cipher_contexts, compression_contexts, rdma_transform_contexts,
        signing_contexts, transport_contexts; /* how many of each kind the message has */
    struct id_list hashes, ciphers, compressions, signing_algorithms; /* of the first of a kind */
    const char *netname; /* the server name that the client used; NULL = no such context */
};

struct negotiate_request {
    uint16_t security_mode;
    uint32_t capabilities;
    uint8_t client_guid[GUID_LENGTH];
    struct id_list dialects;
    struct negotiate_contexts contexts;
};

/* Success responses only (StructureSize 65). */
struct negotiate_response {
    uint16_t security_mode;
    uint16_t dialect;
    uint32_t capabilities;
    uint8_t server_guid[GUID_LENGTH];
    uint32_t max_size; /* bytes: the least of MaxTransactSize, MaxReadSize and MaxWriteSize */
    struct negotiate_contexts contexts;
};

/* SMB1 SMB_COM_NEGOTIATE, [MS-CIFS] 2.2.4.52; message starts at 0xFF 'S' 'M' 'B'. */
struct smb1_negotiate {
    bool is_response;
    uint32_t status;      /* responses */
    uint16_t selected;    /* responses: index of the chosen dialect, 0xffff = none */
    bool complete;        /* requests: the whole list was captured */
    bool offers_smb2_002; /* "SMB 2.002" */
    bool offers_smb2_any; /* "SMB 2.???" */
    const char *names;    /* requests: the offered names, joined with ", " */
};

/* ---- [MS-SMB2] 2.2.5, 2.2.6: SESSION_SETUP ---- */

enum session_setup_request_flags { SMB2_SESSION_FLAG_BINDING = 0x01 };
enum session_flags {
    SMB2_SESSION_FLAG_IS_GUEST = 0x0001,
    SMB2_SESSION_FLAG_IS_NULL = 0x0002,
    SMB2_SESSION_FLAG_ENCRYPT_DATA = 0x0004,
};

struct session_setup_request {
    uint8_t flags;         /* enum session_setup_request_flags */
    uint8_t security_mode; /* enum smb2_security_mode */
    uint16_t token_length; /* of the security blob, as claimed */
};

struct session_setup_response {
    bool has_body; /* false: an error body, of the same StructureSize; all below is empty */
    uint16_t session_flags; /* enum session_flags */
};

/* ---- [MS-SMB2] 2.2.9, 2.2.10: TREE_CONNECT ---- */

enum smb2_share_type { SMB2_SHARE_TYPE_DISK = 1, SMB2_SHARE_TYPE_PIPE, SMB2_SHARE_TYPE_PRINT };

#define SMB2_SHAREFLAG_ENCRYPT_DATA 0x00008000
#define SMB2_ERROR_ID_SHARE_REDIRECT 0x72645253

struct tree_connect_request {
    const char *path; /* \\server\share as sent; NULL = not captured */
};

/* Success responses only (StructureSize 16). */
struct tree_connect_response {
    uint8_t share_type; /* enum smb2_share_type */
    uint32_t share_flags;
    uint32_t maximal_access;
};

/* ---- [MS-SMB2] 2.2.31, 2.2.32: IOCTL, for FSCTL_VALIDATE_NEGOTIATE_INFO ---- */

#define FSCTL_VALIDATE_NEGOTIATE_INFO 0x00140204
#define FSCTL_VALIDATE_NEGOTIATE_INFO_OLD 0x00140200 /* as in Windows 8 betas: one dialect */
#define FSCTL_DFS_GET_REFERRALS 0x00060194
#define FSCTL_DFS_GET_REFERRALS_EX 0x000601b0

struct validate_request { /* 2.2.31.4 */
    bool file_id_all_ones;
    bool is_fsctl;
    uint32_t max_output_response;
    uint32_t input_count; /* bytes, as claimed */
    bool known; /* an input of 24 bytes or more was captured; else nothing below is read */
    uint32_t capabilities;
    uint8_t guid[GUID_LENGTH];
    uint16_t security_mode;
    struct id_list dialects; /* listed falls short of count where the input is too short for it */
};

struct validate_response { /* 2.2.32.6; success responses only (StructureSize 49) */
    uint32_t output_count; /* bytes, as claimed; 24 is right */
    bool known; /* an output of 24 bytes or more was captured; else nothing below is read */
    uint32_t capabilities;
    uint8_t guid[GUID_LENGTH];
    uint16_t security_mode;
    uint16_t dialect;
};

/* ---- security blobs: SPNEGO (RFC 4178, [MS-SPNG]), NTLM ([MS-NLMP]), Kerberos (RFC 4120, RFC
 * 4121) ---- */

enum mechanism {                                  /* a bit set: what SPNEGO names */
                 MECHANISM_MS_KERBEROS = 1 << 0,  /* 1.2.840.48018.1.2.2 */
                 MECHANISM_KERBEROS = 1 << 1,     /* 1.2.840.113554.1.2.2 */
                 MECHANISM_USER_TO_USER = 1 << 2, /* 1.2.840.113554.1.2.2.3 */
                 MECHANISM_NTLM = 1 << 3,         /* 1.3.6.1.4.1.311.2.2.10 */
                 MECHANISM_NEGOEX = 1 << 4,       /* 1.3.6.1.4.1.311.2.2.30 */
                 MECHANISM_IAKERB = 1 << 5,       /* 1.3.6.1.5.2.5 */
                 MECHANISM_OTHER = 1 << 6,
};
#define MECHANISM_ANY_KERBEROS (MECHANISM_MS_KERBEROS | MECHANISM_KERBEROS | MECHANISM_USER_TO_USER)

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

enum ntlm_flags { /* [MS-NLMP] 2.2.2.5 */
                  NTLMSSP_NEGOTIATE_UNICODE = 0x00000001,
                  NTLMSSP_NEGOTIATE_SIGN = 0x00000010,
                  NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY = 0x00080000,
                  NTLMSSP_NEGOTIATE_TARGET_INFO = 0x00800000,
};

enum ntlm_version { /* [MS-NLMP] 3.3.1, 3.3.2, by the responses of an AUTHENTICATE */
                    NTLM_VERSION_NONE, /* not captured, or no response: anonymous */
                    NTLM_VERSION_LM,   /* an LM response alone */
                    NTLM_VERSION_1,
                    NTLM_VERSION_1_ESS, /* with extended session security: "NTLM2 session" */
                    NTLM_VERSION_2,
};

struct ntlm_token {                                /* [MS-NLMP] 2.2.1 */
    uint32_t flags;                                /* enum ntlm_flags; 0 = not captured */
    const char *target_name;                       /* challenge: TargetName */
    const char *netbios_domain, *netbios_computer; /* challenge: from TargetInfo */
    const char *dns_domain, *dns_computer;         /* challenge: from TargetInfo */
    const char *user, *domain, *workstation;       /* authenticate; "" = sent empty */
    enum ntlm_version version;                     /* authenticate */
    const char *spn; /* authenticate, NTLMv2: MsvAvTargetName, cifs/files; "" = sent empty */
    bool anonymous;  /* authenticate: no user and an empty or 1-byte response */
};

/* A response older than NTLMv2. */
static inline bool ntlm_is_old(const struct ntlm_token *ntlm)
{
    return ntlm->version != NTLM_VERSION_NONE && ntlm->version != NTLM_VERSION_2;
}

enum kerberos_type { /* RFC 4120 5.10 */
                     KERBEROS_AS_REQ = 10,
                     KERBEROS_AS_REP = 11,
                     KERBEROS_TGS_REQ = 12,
                     KERBEROS_TGS_REP = 13,
                     KERBEROS_AP_REQ = 14,
                     KERBEROS_AP_REP = 15,
                     KERBEROS_ERROR = 30,
};

struct kerberos_message { /* RFC 4120 5.4, 5.5, 5.9 */
    int type;             /* enum kerberos_type; 0 = none */
    const char *realm;    /* of the service (request, ticket, error) */
    const char *service;  /* sname joined with '/', e.g. cifs/files.lab.example; NULL if empty */
    const char *client;   /* cname joined with '/', where it is readable */
    const char *client_realm;
    uint32_t key_version;   /* kvno of the ticket's key; 0 = none or unknown */
    uint32_t nonce;         /* requests; 0 = unknown */
    int error_code;         /* KRB-ERROR; -1 = unknown */
    int64_t server_time;    /* KRB-ERROR stime: seconds since 1970; 0 = unknown */
    const char *error_text; /* KRB-ERROR e-text */
    uint32_t nt_status;     /* KRB-ERROR e-data of KERB-ERR-TYPE-EXTENDED or PA-PW-SALT,
                             * [MS-KILE] 2.2.2; 0 = none */
    bool preauthenticated;  /* AS-REQ: a filled PA-ENC-TIMESTAMP (2), PA-PK-AS-REQ (16) or
                             * PA-FX-FAST (136); TGS-REQ: PA-TGS-REQ (1) or PA-FX-FAST */
};

struct token {
    bool spnego;            /* wrapped in SPNEGO */
    unsigned offered;       /* negTokenInit: set of mechanisms */
    unsigned first_offered; /* negTokenInit: the preferred one */
    int result;             /* negTokenResp: enum spnego_result */
    unsigned selected;      /* negTokenResp: supportedMech, 0 = none */
    enum token_kind kind;
    struct ntlm_token ntlm;
    struct kerberos_message kerberos; /* AP-REQ: service and realm of its ticket; KRB-ERROR */
};

/* ---- one message ---- */

enum body_type {
    BODY_NONE, /* not one of those below, or its fixed part was not captured */
    BODY_SMB1_NEGOTIATE,
    BODY_NEGOTIATE_REQUEST,
    BODY_NEGOTIATE_RESPONSE,
    BODY_SESSION_SETUP_REQUEST,
    BODY_SESSION_SETUP_RESPONSE,
    BODY_TREE_CONNECT_REQUEST,
    BODY_TREE_CONNECT_RESPONSE,
    BODY_VALIDATE_REQUEST,
    BODY_VALIDATE_RESPONSE,
};

/* What a message says behind its header. Messages with the same bytes there say the same. */
struct content {
    enum body_type body_type;
    bool malformed; /* TREE_CONNECT and CREATE requests: another StructureSize than 2.2.9 and 2.2.13
                     * give, or a buffer outside the message; or it was not captured whole */
    bool token_unread;        /* there is a security blob, but it was not captured whole */
    bool error_context_known; /* TREE_CONNECT responses only; false: it was not captured */
    uint32_t error_context;   /* [MS-SMB2] 2.2.2: error context id of an error response; 0 = none */
    uint32_t ioctl_code;      /* IOCTL requests: the control code; 0 = not captured */
    const void *body; /* by body_type; NULL with BODY_NONE. Ask for it by the functions below. */
    const struct token *token; /* of the security blob; NULL: none, or not one that is read here */
};

/* What one message says. Zeroed: nothing. */
struct message {
    enum smb_kind kind; /* 0: not SMB */
    bool header_known;  /* false: it was not captured, or is none; then nothing below is set */
    union {
        struct smb2_header header;       /* SMB2_MESSAGE; SMB1_MESSAGE: command and status only */
        struct smb2_transform transform; /* SMB2_TRANSFORM */
    };
    struct content content;
    uint64_t system_time; /* NEGOTIATE responses: FILETIME, 100 ns since 1601; 0 = not given. Apart,
                           * since no two of them are alike. */
};

/* Reads one SMB1, SMB2 or transform message, header first, of a compound one member. READ, WRITE
 * and their like cost a header. What *out points to lies in scope. */
void message_parse(struct bytes message, wmem_allocator_t *scope, struct message *out);

/* A copy that lasts as long as the store, with all that it points to; one for all that say the
 * same. */
const struct content *content_keep(const struct content *content, struct store *store);

/* The body, where there is one of that type; else NULL. content: may be NULL. */
static inline const void *body_of(const struct content *content, enum body_type type)
{
    return content && content->body_type == type ? content->body : NULL;
}
#define BODY_READER(name, structure, type)                                                         \
    static inline const struct structure *name(const struct content *content)                      \
    {                                                                                              \
        return (const struct structure *)body_of(content, type);                                   \
    }
BODY_READER(smb1_negotiate_of, smb1_negotiate, BODY_SMB1_NEGOTIATE)
BODY_READER(negotiate_request_of, negotiate_request, BODY_NEGOTIATE_REQUEST)
BODY_READER(negotiate_response_of, negotiate_response, BODY_NEGOTIATE_RESPONSE)
BODY_READER(session_setup_request_of, session_setup_request, BODY_SESSION_SETUP_REQUEST)
BODY_READER(session_setup_response_of, session_setup_response, BODY_SESSION_SETUP_RESPONSE)
BODY_READER(tree_connect_request_of, tree_connect_request, BODY_TREE_CONNECT_REQUEST)
BODY_READER(tree_connect_response_of, tree_connect_response, BODY_TREE_CONNECT_RESPONSE)
BODY_READER(validate_request_of, validate_request, BODY_VALIDATE_REQUEST)
BODY_READER(validate_response_of, validate_response, BODY_VALIDATE_RESPONSE)
#undef BODY_READER

/* ---- beside SMB ---- */

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
    unsigned count;       /* answers kept: A, AAAA and CNAME of the answer section */
    struct dns_answer answers[DNS_ANSWERS_MAX];
};

/* Reads a response to a standard query, from its header on (not from a 2-byte TCP length on). */
bool dns_response_parse(struct bytes message, wmem_allocator_t *scope, struct dns_response *out);

/* ---- words ---- */

/* Those that are made in a scope may be phrases, or hold some: bytes_language.h. */

/* Of a request of the set-up: "NEGOTIATE", "SMB1 NEGOTIATE"; an IOCTL is "validate-negotiate", any
 * other command "request". */
const char *command_name(uint16_t command);
const char *dialect_name(uint16_t dialect);                    /* "3.1.1"; NULL = unknown value */
char *dialect_text(uint16_t dialect, wmem_allocator_t *scope); /* "3.0.2", "0x0399" */
char *dialects_text(const struct id_list *list, wmem_allocator_t *scope); /* "2.0.2, 2.1"; "none" */
char *cipher_text(uint16_t cipher, wmem_allocator_t *scope);              /* "AES-128-GCM" */
char *ciphers_text(const struct id_list *list, wmem_allocator_t *scope);
char *hashes_text(const struct id_list *list, wmem_allocator_t *scope);       /* "SHA-512" */
char *compressions_text(const struct id_list *list, wmem_allocator_t *scope); /* "LZ77, LZNT1" */
char *signing_algorithm_text(uint16_t algorithm, wmem_allocator_t *scope);    /* "AES-GMAC" */
char *signing_algorithms_text(const struct id_list *list, wmem_allocator_t *scope);
char *security_mode_text(uint16_t mode, wmem_allocator_t *scope); /* "signing enabled (0x0001)" */
char *capability_names(uint32_t capabilities, wmem_allocator_t *scope);  /* "DFS, leasing"; "" */
char *capabilities_text(uint32_t capabilities, wmem_allocator_t *scope); /* "DFS, leasing (0x03)" */
char *session_flags_text(uint16_t flags, wmem_allocator_t *scope);       /* "guest (0x0001)" */
char *access_text(uint32_t mask, wmem_allocator_t *scope); /* "read, write (0x0012019b)" */
char *guid_text(const uint8_t guid[GUID_LENGTH], wmem_allocator_t *scope);
bool guid_is_zero(const uint8_t guid[GUID_LENGTH]);

/* One mechanism's name for a reader ("Kerberos", "NTLM" ...); of several the first set one. */
const char *mechanism_name(unsigned mechanism);
/* Names of all the mechanisms of a set, each once, joined with ", ". */
const char *mechanism_names(unsigned mechanisms, wmem_allocator_t *scope);
/* "NTLMv1"; NULL: it shows none. */
const char *ntlm_version_name(enum ntlm_version version);

/* "STATUS_ACCESS_DENIED (0xc0000022)"; unknown codes as "0xc0001234". */
const char *status_text(uint32_t status, wmem_allocator_t *scope);
/* "KRB_AP_ERR_SKEW (37)"; unknown codes as "37". */
const char *kerberos_error_text(int code, wmem_allocator_t *scope);

#endif
