/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * From the bytes of one message to what it says, and copies of that.
 */
#include "body.h"

/* ---- bodies ---- */

union bodies {
    struct smb1_negotiate smb1_negotiate;
    struct negotiate_request negotiate_request;
    struct negotiate_response negotiate_response;
    struct session_setup_request session_setup_request;
    struct session_setup_response session_setup_response;
    struct tree_connect_request tree_connect_request;
    struct tree_connect_response tree_connect_response;
    struct validate_request validate_request;
    struct validate_response validate_response;
};

static const size_t body_sizes[] = {
    [BODY_SMB1_NEGOTIATE] = sizeof(struct smb1_negotiate),
    [BODY_NEGOTIATE_REQUEST] = sizeof(struct negotiate_request),
    [BODY_NEGOTIATE_RESPONSE] = sizeof(struct negotiate_response),
    [BODY_SESSION_SETUP_REQUEST] = sizeof(struct session_setup_request),
    [BODY_SESSION_SETUP_RESPONSE] = sizeof(struct session_setup_response),
    [BODY_TREE_CONNECT_REQUEST] = sizeof(struct tree_connect_request),
    [BODY_TREE_CONNECT_RESPONSE] = sizeof(struct tree_connect_response),
    [BODY_VALIDATE_REQUEST] = sizeof(struct validate_request),
    [BODY_VALIDATE_RESPONSE] = sizeof(struct validate_response),
};

static void set_body(struct message *out, enum body_type type, const union bodies *body,
                     wmem_allocator_t *scope)
{
    out->content.body_type = type;
    out->content.body = wmem_memdup(scope, body, body_sizes[type]);
}

static void read_token(struct message *out, const struct blob *blob, wmem_allocator_t *scope)
{
    struct token token;

    memset(&token, 0, sizeof token);
    out->content.token_unread = !blob->known;
    if (blob->known && token_parse(blob->bytes, scope, &token))
        out->content.token = (const struct token *)wmem_memdup(scope, &token, sizeof token);
}

static void read_request(struct bytes message, wmem_allocator_t *scope, struct message *out)
{
    union bodies body;
    struct blob blob;

    memset(&body, 0, sizeof body);
    switch (out->header.command) {
    case SMB2_NEGOTIATE:
        if (negotiate_request_parse(message, scope, &body.negotiate_request))
            set_body(out, BODY_NEGOTIATE_REQUEST, &body, scope);
        break;
    case SMB2_SESSION_SETUP:
        if (!session_setup_request_parse(message, &body.session_setup_request, &blob))
            break;
        set_body(out, BODY_SESSION_SETUP_REQUEST, &body, scope);
        read_token(out, &blob, scope);
        break;
    case SMB2_TREE_CONNECT:
        if (tree_connect_request_parse(message, scope, &body.tree_connect_request))
            set_body(out, BODY_TREE_CONNECT_REQUEST, &body, scope);
        out->content.malformed = !tree_connect_request_fits(message);
        break;
    case SMB2_CREATE:
        out->content.malformed = !create_request_fits(message);
        break;
    case SMB2_IOCTL:
        out->content.ioctl_code = ioctl_request_code(message);
        if (validate_request_parse(message, &body.validate_request))
            set_body(out, BODY_VALIDATE_REQUEST, &body, scope);
        break;
    default:
        break;
    }
}

static void read_success(struct bytes message, wmem_allocator_t *scope, struct message *out)
{
    union bodies body;
    struct blob blob;

    memset(&body, 0, sizeof body);
    switch (out->header.command) {
    case SMB2_NEGOTIATE:
        if (!negotiate_response_parse(message, scope, &body.negotiate_response, &blob))
            break;
        out->system_time = negotiate_response_time(message);
        set_body(out, BODY_NEGOTIATE_RESPONSE, &body, scope);
        read_token(out, &blob, scope);
        break;
    case SMB2_TREE_CONNECT:
        if (tree_connect_response_parse(message, &body.tree_connect_response))
            set_body(out, BODY_TREE_CONNECT_RESPONSE, &body, scope);
        break;
    case SMB2_IOCTL:
        if (validate_response_parse(message, &body.validate_response))
            set_body(out, BODY_VALIDATE_RESPONSE, &body, scope);
        break;
    default:
        break;
    }
}

/* Any status: refusals may carry a token, too. */
static void read_session_setup_response(struct bytes message, wmem_allocator_t *scope,
                                        struct message *out)
{
    union bodies body;
    struct blob blob;

    memset(&body, 0, sizeof body);
    if (!session_setup_response_parse(message, &body.session_setup_response, &blob))
        return;
    set_body(out, BODY_SESSION_SETUP_RESPONSE, &body, scope);
    if (body.session_setup_response.has_body)
        read_token(out, &blob, scope);
}

static void read_response(struct bytes message, wmem_allocator_t *scope, struct message *out)
{
    if (out->header.command == SMB2_SESSION_SETUP)
        read_session_setup_response(message, scope, out);
    else if (out->header.status == STATUS_SUCCESS)
        read_success(message, scope, out);
    else if (out->header.command == SMB2_TREE_CONNECT)
        out->content.error_context =
            error_response_context_id(message, &out->content.error_context_known);
}

static void read_smb1(struct bytes message, wmem_allocator_t *scope, struct message *out)
{
    union bodies body;

    memset(&body, 0, sizeof body);
    out->header_known = smb1_negotiate_parse(message, scope, &body.smb1_negotiate);
    if (!out->header_known)
        return;
    out->header.command = SMB1_NEGOTIATE;
    out->header.status = body.smb1_negotiate.status;
    set_body(out, BODY_SMB1_NEGOTIATE, &body, scope);
}

static void read_smb2(struct bytes message, wmem_allocator_t *scope, struct message *out)
{
    out->header_known = smb2_header_parse(message, &out->header);
    if (!out->header_known)
        return;
    if (smb2_is_response(&out->header))
        read_response(message, scope, out);
    else
        read_request(message, scope, out);
}

/* ---- the message ---- */

void message_parse(struct bytes message, wmem_allocator_t *scope, struct message *out)
{
    memset(out, 0, sizeof *out); /* with what lies between the members: contents are compared */
    if (!is_smb(message))
        return;
    out->kind = (enum smb_kind)message.data[0];
    switch (out->kind) {
    case SMB2_MESSAGE:
        read_smb2(message, scope, out);
        break;
    case SMB2_TRANSFORM:
        out->header_known = smb2_transform_parse(message, &out->transform);
        break;
    case SMB1_MESSAGE:
        read_smb1(message, scope, out);
        break;
    default:
        break;
    }
}

/* ---- copies ---- */

static const void *keep_body(const struct content *content, struct store *store)
{
    const size_t size = body_sizes[content->body_type];
    union bodies kept;

    memcpy(&kept, content->body, size);
    switch (content->body_type) {
    case BODY_SMB1_NEGOTIATE:
        kept.smb1_negotiate.names = store_text(store, kept.smb1_negotiate.names);
        break;
    case BODY_NEGOTIATE_REQUEST:
        kept.negotiate_request.contexts.netname =
            store_text(store, kept.negotiate_request.contexts.netname);
        break;
    case BODY_NEGOTIATE_RESPONSE:
        kept.negotiate_response.contexts.netname =
            store_text(store, kept.negotiate_response.contexts.netname);
        break;
    case BODY_TREE_CONNECT_REQUEST:
        kept.tree_connect_request.path = store_text(store, kept.tree_connect_request.path);
        break;
    default:
        break;
    }
    return store_keep(store, &kept, size);
}

static void keep_ntlm(struct ntlm_token *ntlm, struct store *store)
{
    const char **texts[] = {
        &ntlm->target_name, &ntlm->netbios_domain, &ntlm->netbios_computer,
        &ntlm->dns_domain,  &ntlm->dns_computer,   &ntlm->user,
        &ntlm->domain,      &ntlm->workstation,    &ntlm->spn,
    };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        *texts[i] = store_text(store, *texts[i]);
}

static void keep_kerberos(struct kerberos_message *kerberos, struct store *store)
{
    const char **texts[] = {
        &kerberos->realm,        &kerberos->service,    &kerberos->client,
        &kerberos->client_realm, &kerberos->error_text,
    };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        *texts[i] = store_text(store, *texts[i]);
}

static const struct token *keep_token(const struct token *token, struct store *store)
{
    struct token kept;

    memcpy(&kept, token, sizeof kept);
    keep_ntlm(&kept.ntlm, store);
    keep_kerberos(&kept.kerberos, store);
    return (const struct token *)store_keep(store, &kept, sizeof kept);
}

const struct content *content_keep(const struct content *content, struct store *store)
{
    struct content kept;

    memcpy(&kept, content, sizeof kept);
    if (kept.body)
        kept.body = keep_body(content, store);
    if (kept.token)
        kept.token = keep_token(content->token, store);
    return (const struct content *)store_keep(store, &kept, sizeof kept);
}
