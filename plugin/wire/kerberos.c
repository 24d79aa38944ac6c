/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * RFC 4120 5.2 to 5.10: what Kerberos messages say in the clear.
 */
#include "wire.h"

/* RFC 4120 7.5.2, RFC 4556 3.1.3, RFC 6113 5.4.2. In errors of Windows PA_PW_SALT also stands for
 * KERB_ERR_TYPE_EXTENDED, [MS-KILE] 2.2.2. */
enum padata_type {
    PA_TGS_REQ = 1,
    PA_ENC_TIMESTAMP = 2,
    PA_PW_SALT = 3,
    PA_PK_AS_REQ = 16,
    PA_FX_FAST = 136,
};

#define TICKET_TAG (DER_APPLICATION | 1)
#define KERB_EXT_ERROR_LENGTH 12

static const char *field_text(struct bytes sequence, uint8_t number, wmem_allocator_t *scope)
{
    struct der text;

    if (!der_field(sequence, number, DER_GENERAL_STRING, &text) || !text.whole)
        return NULL;
    return text_from_utf8(text.value, scope);
}

/* A PrincipalName, RFC 4120 5.2.2, as one text. NULL for one without components, which a KDC sends
 * where it keeps the name to the encrypted part. */
static const char *field_principal(struct bytes sequence, uint8_t number, wmem_allocator_t *scope)
{
    struct der name, strings, component;
    wmem_strbuf_t *joined;

    if (!der_field(sequence, number, DER_SEQUENCE, &name) || !name.whole ||
        !der_field(name.value, 1, DER_SEQUENCE, &strings) || !der_next(&strings.value, &component))
        return NULL;
    joined = wmem_strbuf_new(scope, "");
    text_append_utf8(joined, component.value);
    while (der_next(&strings.value, &component)) {
        wmem_strbuf_append_c(joined, '/');
        text_append_utf8(joined, component.value);
    }
    return wmem_strbuf_finalize(joined);
}

static bool padata_proves_identity(struct bytes padata, int type)
{
    struct der value;
    int64_t padata_type = der_field_number(padata, 1, 0);
    bool filled = der_field(padata, 2, DER_OCTET_STRING, &value) && value.value.length > 0;

    if (type == KERBEROS_TGS_REQ)
        return padata_type == PA_TGS_REQ || padata_type == PA_FX_FAST;
    /* An empty PA-FX-FAST only says that the client knows it. */
    return filled && (padata_type == PA_ENC_TIMESTAMP || padata_type == PA_PK_AS_REQ ||
                      padata_type == PA_FX_FAST);
}

static void read_padata(struct bytes list, struct kerberos_message *out)
{
    struct der padata;

    while (der_next(&list, &padata))
        out->preauthenticated |= padata_proves_identity(padata.value, out->type);
}

static void read_request_body(struct bytes body, wmem_allocator_t *scope,
                              struct kerberos_message *out)
{
    out->client = field_principal(body, 1, scope);
    out->realm = field_text(body, 2, scope);
    if (out->type == KERBEROS_AS_REQ) /* RFC 4120 5.4.1: there it is the client's realm too */
        out->client_realm = out->realm;
    out->service = field_principal(body, 3, scope);
    out->nonce = (uint32_t)der_field_number(body, 7, 0);
}

static void read_request(struct bytes sequence, wmem_allocator_t *scope,
                         struct kerberos_message *out)
{
    struct der padata, body;

    if (der_field(sequence, 3, DER_SEQUENCE, &padata))
        read_padata(padata.value, out);
    if (der_field(sequence, 4, DER_SEQUENCE, &body))
        read_request_body(body.value, scope, out);
}

static void read_ticket(struct bytes sequence, uint8_t number, wmem_allocator_t *scope,
                        struct kerberos_message *out)
{
    struct der ticket, encrypted;
    struct bytes fields;

    if (!der_field(sequence, number, TICKET_TAG, &ticket))
        return;
    fields = der_content(ticket.value, DER_SEQUENCE);
    out->realm = field_text(fields, 1, scope);
    out->service = field_principal(fields, 2, scope);
    if (der_field(fields, 3, DER_SEQUENCE, &encrypted)) /* RFC 4120 5.2.9 */
        out->key_version = (uint32_t)der_field_number(encrypted.value, 1, 0);
}

static void read_reply(struct bytes sequence, wmem_allocator_t *scope, struct kerberos_message *out)
{
    out->client_realm = field_text(sequence, 3, scope);
    out->client = field_principal(sequence, 4, scope);
    read_ticket(sequence, 5, scope, out);
}

static int digits(struct bytes text, uint32_t at, uint32_t count)
{
    int number = 0;

    for (uint32_t i = at; i < at + count; i++) {
        if (!g_ascii_isdigit(bytes_u8(text, i)))
            return -1;
        number = number * 10 + (bytes_u8(text, i) - '0');
    }
    return number;
}

/* KerberosTime, RFC 4120 5.2.3: YYYYMMDDHHMMSSZ. */
static int64_t field_time(struct bytes sequence, uint8_t number)
{
    struct der text;
    GDateTime *time;
    int64_t seconds;

    if (!der_field(sequence, number, DER_GENERALIZED_TIME, &text) || text.value.length != 15)
        return 0;
    time = g_date_time_new_utc(digits(text.value, 0, 4), digits(text.value, 4, 2),
                               digits(text.value, 6, 2), digits(text.value, 8, 2),
                               digits(text.value, 10, 2), digits(text.value, 12, 2));
    if (time == NULL)
        return 0;
    seconds = g_date_time_to_unix(time);
    g_date_time_unref(time);
    return seconds;
}

/* The status in a KERB-ERROR-DATA, [MS-KILE] 2.2.2, or in a PA-DATA of the same shape. A salt of
 * the same type and length is text, which cannot have the two severity bits of an error. */
static uint32_t extended_status(struct bytes fields)
{
    struct der value;
    uint32_t status;

    if (der_field_number(fields, 1, 0) != PA_PW_SALT ||
        !der_field(fields, 2, DER_OCTET_STRING, &value) ||
        value.value.length != KERB_EXT_ERROR_LENGTH)
        return 0;
    status = bytes_le32(value.value, 0);
    return status >> 30 == 3 ? status : 0;
}

static uint32_t error_data_status(struct bytes error_data)
{
    struct bytes fields = der_content(error_data, DER_SEQUENCE);
    uint32_t status = extended_status(fields);
    struct der padata;

    while (status == 0 && der_next(&fields, &padata))
        status = extended_status(padata.value);
    return status;
}

static void read_error(struct bytes sequence, wmem_allocator_t *scope, struct kerberos_message *out)
{
    struct der error_data;

    out->server_time = field_time(sequence, 4);
    out->error_code = (int)CLAMP(der_field_number(sequence, 6, -1), -1, INT_MAX);
    out->client_realm = field_text(sequence, 7, scope);
    out->client = field_principal(sequence, 8, scope);
    out->realm = field_text(sequence, 9, scope);
    out->service = field_principal(sequence, 10, scope);
    out->error_text = field_text(sequence, 11, scope);
    if (der_field(sequence, 12, DER_OCTET_STRING, &error_data))
        out->nt_status = error_data_status(error_data.value);
}

static bool read_message(uint8_t type, struct bytes sequence, wmem_allocator_t *scope,
                         struct kerberos_message *out)
{
    out->type = type;
    switch (type) {
    case KERBEROS_AS_REQ:
    case KERBEROS_TGS_REQ:
        read_request(sequence, scope, out);
        return true;
    case KERBEROS_AS_REP:
    case KERBEROS_TGS_REP:
        read_reply(sequence, scope, out);
        return true;
    case KERBEROS_AP_REQ:
        read_ticket(sequence, 3, scope, out);
        return true;
    case KERBEROS_AP_REP:
        return true;
    case KERBEROS_ERROR:
        read_error(sequence, scope, out);
        return true;
    default:
        out->type = 0;
        return false;
    }
}

bool kerberos_parse(struct bytes message, wmem_allocator_t *scope, struct kerberos_message *out)
{
    struct der element, sequence;

    *out = (struct kerberos_message){.error_code = -1};
    if (bytes_u8(message, 0) == 0) /* RFC 4120 7.2.2: a record mark of TCP */
        message = bytes_from(message, 4);
    if (!der_next(&message, &element) || (element.tag & 0xe0) != DER_APPLICATION ||
        !der_next(&element.value, &sequence) || sequence.tag != DER_SEQUENCE)
        return false;
    return read_message(element.tag & 0x1f, sequence.value, scope, out);
}
