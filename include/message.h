/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the messages of a connection's set-up say: plain values, read from captured bytes.
 *
 * Every parser takes the bytes of one whole SMB2 message (header included) unless it says
 * otherwise, gives false when it is not that request or response or its fixed part was not
 * captured, and then leaves *out zeroed. Offsets in the bodies count from the start of the SMB2
 * header, as in [MS-SMB2]. Strings are printable UTF-8, allocated in the given scope; NULL means
 * "not in the message" or "not captured".
 */
#ifndef SMB2DIAG_MESSAGE_H
#define SMB2DIAG_MESSAGE_H

#include "bytes.h"

#include <wireshark.h>
#include <wsutil/wmem/wmem.h>

/* ---- [MS-SMB2] 2.2.1: the header ---- */

#define SMB2_HEADER_LENGTH 64
#define SMB2_TRANSFORM_HEADER_LENGTH 52

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
    uint32_t next_command; /* offset of the next member of a compound, 0 = last */
    uint64_t message_id;
    uint64_t async_id; /* with SMB2_FLAGS_ASYNC_COMMAND only, else 0 */
    uint32_t tree_id;  /* without SMB2_FLAGS_ASYNC_COMMAND only, else 0 */
    uint64_t session_id;
};

bool smb2_header_parse(struct bytes message, struct smb2_header *out);

/* [MS-SMB2] 2.2.41: the transform header of an encrypted message. */
struct smb2_transform {
    uint16_t flags; /* Flags or, before 3.1.1, EncryptionAlgorithm: 1 = encrypted */
    uint64_t session_id;
};
bool smb2_transform_parse(struct bytes message, struct smb2_transform *out);

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

/* A list of 16-bit identifiers: dialects, hash algorithms, ciphers, signing algorithms. */
struct id_list {
    uint16_t contexts; /* how many negotiate contexts of this type the message has; 0 = none */
    uint16_t count;    /* as the message claims */
    uint16_t listed;   /* how many of them were captured and kept in ids */
    uint16_t ids[LISTED_MAX];
};

bool id_list_contains(const struct id_list *list, uint16_t id);

struct negotiate_contexts {
    bool known;          /* false: not a 3.1.1 message, or not all contexts were captured */
    bool overrun;        /* a context reaches past the captured bytes: malformed, unless the capture
                          * cut the message, which only the caller knows */
    bool malformed;      /* whatever was captured: the first context is not 8-aligned or lies in the
                          * fixed part, or a list does not fit its context */
    uint16_t count;      /* as the message claims */
    struct id_list hashes, ciphers, compressions, rdma_transforms, signings;
    uint16_t transport_contexts;
    const char *netname; /* the server name that the client used; NULL = no such context */
};

struct negotiate_request {
    uint16_t security_mode;
    uint32_t capabilities;
    uint8_t client_guid[16];
    struct id_list dialects; /* contexts = 0 always */
    struct negotiate_contexts contexts;
};
bool negotiate_request_parse(struct bytes message, wmem_allocator_t *scope,
                             struct negotiate_request *out);

struct negotiate_response {
    uint16_t security_mode;
    uint16_t dialect;
    uint32_t capabilities;
    uint8_t server_guid[16];
    uint32_t max_transact_size, max_read_size, max_write_size;
    uint64_t system_time; /* FILETIME: 100 ns since 1601; 0 = not given */
    uint64_t start_time;
    struct bytes security_blob; /* a view on the message */
    bool security_blob_known;   /* false: not all of it was captured */
    struct negotiate_contexts contexts;
};
/* Success responses only (StructureSize 65). */
bool negotiate_response_parse(struct bytes message, wmem_allocator_t *scope,
                              struct negotiate_response *out);

/* SMB1 SMB_COM_NEGOTIATE, [MS-CIFS] 2.2.4.52; message starts at 0xFF 'S' 'M' 'B'. */
struct smb1_negotiate {
    bool is_response;
    uint32_t status;         /* responses */
    uint16_t selected;       /* responses: index of the chosen dialect, 0xffff = none */
    bool complete;           /* requests: the whole list was captured */
    bool offers_smb2_002;    /* "SMB 2.002" */
    bool offers_smb2_any;    /* "SMB 2.???" */
    const char *names;       /* requests: the offered names, joined with ", " */
};
bool smb1_negotiate_parse(struct bytes message, wmem_allocator_t *scope,
                          struct smb1_negotiate *out);

/* ---- [MS-SMB2] 2.2.5, 2.2.6: SESSION_SETUP ---- */

enum session_setup_request_flags { SMB2_SESSION_FLAG_BINDING = 0x01 };
enum session_flags {
    SMB2_SESSION_FLAG_IS_GUEST = 0x0001,
    SMB2_SESSION_FLAG_IS_NULL = 0x0002,
    SMB2_SESSION_FLAG_ENCRYPT_DATA = 0x0004,
};

struct session_setup_request {
    uint8_t flags;
    uint8_t security_mode;
    uint32_t capabilities;
    uint64_t previous_session_id;
    struct bytes security_blob; /* a view on the message */
    uint16_t security_blob_length; /* as the message claims */
    bool security_blob_known;
};
bool session_setup_request_parse(struct bytes message, struct session_setup_request *out);

struct session_setup_response {
    bool has_body; /* false: an error body, of the same StructureSize; all below is empty */
    uint16_t session_flags;
    struct bytes security_blob;
    bool security_blob_known;
};
bool session_setup_response_parse(struct bytes message, struct session_setup_response *out);

/* ---- [MS-SMB2] 2.2.9, 2.2.10: TREE_CONNECT ---- */

#define SMB2_TREE_CONNECT_FLAG_REDIRECT_TO_OWNER 0x0002
#define SMB2_SHAREFLAG_ENCRYPT_DATA 0x00008000
#define SMB2_ERROR_ID_SHARE_REDIRECT 0x72645253

struct tree_connect_request {
    uint16_t flags;
    const char *path; /* \\server\share as sent */
};
bool tree_connect_request_parse(struct bytes message, wmem_allocator_t *scope,
                                struct tree_connect_request *out);

struct tree_connect_response {
    uint8_t share_type; /* 1 disk, 2 pipe, 3 print */
    uint32_t share_flags;
    uint32_t capabilities;
    uint32_t maximal_access;
};
/* Success responses only (StructureSize 16). */
bool tree_connect_response_parse(struct bytes message, struct tree_connect_response *out);

/* [MS-SMB2] 2.2.2: the error context id of an error response, 0 = none (3.1.1 only). */
uint32_t error_response_context_id(struct bytes message);

/* ---- [MS-SMB2] 2.2.31, 2.2.32: IOCTL, for FSCTL_VALIDATE_NEGOTIATE_INFO ---- */

#define FSCTL_VALIDATE_NEGOTIATE_INFO 0x00140204
#define FSCTL_VALIDATE_NEGOTIATE_INFO_OLD 0x00140200 /* as in Windows 8 betas: one dialect */
#define FSCTL_DFS_GET_REFERRALS 0x00060194
#define FSCTL_DFS_GET_REFERRALS_EX 0x000601b0

/* The control code of an IOCTL request, 0 = not captured. */
uint32_t ioctl_request_code(struct bytes message);

struct validate_request { /* 2.2.31.4 */
    bool file_id_all_ones;
    bool is_fsctl;
    uint32_t max_output_response;
    uint32_t input_count; /* bytes, as claimed */
    bool known; /* an input of 24 bytes or more was captured; else nothing below is read */
    uint32_t capabilities;
    uint8_t guid[16];
    uint16_t security_mode;
    struct id_list dialects; /* listed falls short of count where the input is too short for it */
};
bool validate_request_parse(struct bytes message, struct validate_request *out);

struct validate_response { /* 2.2.32.6 */
    uint32_t output_count; /* bytes, as claimed; 24 is right */
    bool known; /* an output of 24 bytes or more was captured; else nothing below is read */
    uint32_t capabilities;
    uint8_t guid[16];
    uint16_t security_mode;
    uint16_t dialect;
};
/* Success responses only (StructureSize 49). */
bool validate_response_parse(struct bytes message, struct validate_response *out);

#endif
