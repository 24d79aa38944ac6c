/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Joins Kerberos traffic to the SMB2 connection that waited for it, and tells which error explains
 * what happens there: the KDC's (RFC 4120 3.1, 3.3), or the server's ([MS-KILE] 3.4.5).
 */
#include "facts.h"
#include "../session_setup/facts.h"

/* A client that logged on to the KDC before it connected: how far back that is still the same
 * attempt. */
#define LOOK_BACK (10 * NANOSECONDS_PER_SECOND)

static bool is_first_leg(const struct exchange *exchange)
{
    return exchange->command == SMB2_SESSION_SETUP && exchange->request_session_id == 0;
}

static bool ended_after_negotiate(const struct exchange *exchange)
{
    return exchange && exchange->command == SMB2_NEGOTIATE && exchange_answered(exchange) &&
           exchange->status == STATUS_SUCCESS;
}

/* Silence of a KDC is proof only where the capture shows what reaches the client: both directions
 * of the waiting connection without loss. */
static bool is_proven(const struct kdc_exchange *kdc, const struct connection *connection,
                      int64_t until)
{
    const enum kdc_outcome outcome = kdc_exchange_outcome(kdc, until);

    return (outcome != KDC_SILENT && outcome != KDC_UNREACHABLE) ||
           connection_absence_is_proof(connection);
}

static bool is_token(const struct exchange *exchange, enum token_kind kind)
{
    const struct token *token = request_token_of(exchange);

    return token && token->kind == kind;
}

/* A client that presents a ticket was not kept from it, whatever a KDC refused meanwhile. */
static bool goes_without_ticket(const struct scene *scene)
{
    return scene->event == ON_REQUEST && is_first_leg(scene->exchange) &&
           !is_token(scene->exchange, TOKEN_KRB_AP_REQ);
}

/* Now the client says who logs on. */
static bool tells_user(const struct scene *scene)
{
    return scene->event == ON_REQUEST && is_token(scene->exchange, TOKEN_NTLM_AUTHENTICATE) &&
           !is_first_leg(scene->exchange);
}

/* Several users of one host may log on by one connection. */
static int64_t start_of_attempt(const struct scene *scene)
{
    const struct connection *connection = scene->connection;

    if (scene->event == ON_CLOSE || !connection->session_count ||
        connection->sessions[0] == scene->session)
        return connection->first.time - LOOK_BACK;
    return scene->session->first_leg->request.time - LOOK_BACK;
}

static bool is_of_one_of_many(const struct connection *connection,
                              const struct kdc_failure *failure, int64_t until)
{
    return failure->deed < DEED_BY_NAME && kdc_exchange_client(failure->exchange) &&
           connection_has_many_users(connection, until);
}

/* Whose logon failed at the KDC is known at once, who logs on to the server only in the second leg
 * of NTLM: on a host with several users that has to be waited for. */
static bool is_due(const struct scene *scene, const struct kdc_failure *failure, int64_t until)
{
    const bool waits = is_of_one_of_many(scene->connection, failure, until);

    if (tells_user(scene))
        return waits && failure->deed == DEED_BY_USER;
    if (scene->event == ON_REQUEST && failure->host == HOST_BY_TIME)
        return failure->deed == DEED_BY_NAME;
    return scene->event == ON_CLOSE || !waits;
}

static struct kdc_failure find_failure(const struct scene *scene)
{
    const struct connection *connection = scene->connection;
    struct kdc_failure failure = {0};
    int64_t until;

    if (!scene->exchange)
        return failure;
    if (goes_without_ticket(scene))
        until = scene->exchange->request.time;
    else if (tells_user(scene) && scene->session)
        until = scene->session->first_leg->request.time;
    else if (scene->event == ON_CLOSE && ended_after_negotiate(scene->exchange))
        until = scene->now.time;
    else
        return failure;
    failure = connection_kdc_failure(connection, start_of_attempt(scene), until);
    if (!failure.exchange || !is_proven(failure.exchange, connection, until) ||
        !is_due(scene, &failure, until))
        return (struct kdc_failure){0};
    return failure;
}

/* Most of the kerberos rules ask this of each event, and the answer takes a look through all that
 * the client did. */
static struct kdc_failure known_failure(const struct scene *scene)
{
    struct scene_memory *memory = scene->memory;

    if (!memory)
        return find_failure(scene);
    if (!memory->kdc_known)
        memory->kdc = find_failure(scene);
    memory->kdc_known = true;
    return memory->kdc;
}

struct kdc_exchange *kdc_failure(const struct scene *scene)
{
    return known_failure(scene).exchange;
}

bool has_kdc_failure(const struct scene *scene)
{
    return kdc_failure(scene) != NULL;
}

/* ---- evidence ---- */

static void prove_names(const struct scene *scene, struct proof *proof)
{
    const struct connection *connection = scene->connection;
    const struct identity *identity = model_identity(scene->model, &connection->client.address);
    struct name_evidence names;

    if (connection->server_name)
        proof_value(proof, "Name used for the server", "%s", connection->server_name);
    if (!identity)
        return;
    if (identity_name_leads_to(identity, connection->server_name, &connection->server.address,
                               &names) ||
        (!connection->server_name && identity_names(identity, &connection->server.address, &names)))
        proof_value_in(proof, &names.seen, names.alias ? N_("DNS alias") : "DNS", "%s",
                       names.chain);
}

static const char *host_words(enum host_tie host)
{
    switch (host) {
    case HOST_BY_ADDRESS:
        return N_("client address");
    case HOST_BY_MAC:
        return N_("MAC address of the client");
    case HOST_BY_NAME:
        return N_("DNS name of both addresses");
    default:
        return NULL;
    }
}

static const char *deed_words(enum deed_tie deed)
{
    switch (deed) {
    case DEED_BY_NAME:
        return N_("service name");
    case DEED_BY_USER:
        return N_("user");
    default:
        return NULL;
    }
}

static const char *tie_text(const struct kdc_failure *failure, wmem_allocator_t *scope)
{
    const char *host = host_words(failure->host), *deed = deed_words(failure->deed);

    if (host && deed)
        return phrase(scope, "%s, %s, time", phrase_words(scope, host), phrase_words(scope, deed));
    if (host || deed)
        return phrase(scope, "%s, time", phrase_words(scope, host ? host : deed));
    return phrase_words(scope, N_("time"));
}

static enum confidence join_confidence(const struct kdc_failure *failure)
{
    if (failure->host == HOST_BY_ADDRESS && failure->deed == DEED_BY_NAME)
        return CERTAIN;
    if (failure->crowded || (failure->host == HOST_BY_TIME && failure->deed < DEED_BY_NAME))
        return POSSIBLE;
    return LIKELY;
}

/* A ticket for this server belongs to the connection by its name; a logon at the KDC only by client
 * and time, and where the client has another address there, only as far as that is known for his.
 */
static void prove_join(const struct scene *scene, struct proof *proof)
{
    const struct kdc_failure failure = known_failure(scene);
    const char *user;

    if (!failure.exchange)
        return;
    if (failure.host == HOST_BY_TIME)
        proof_value(proof, "Joined to this connection by",
                    "%s; nobody else used SMB or Kerberos meanwhile",
                    tie_text(&failure, proof->scope));
    else
        proof_value(proof, "Joined to this connection by", "%s", tie_text(&failure, proof->scope));
    if (failure.host != HOST_BY_ADDRESS)
        proof_value(proof, "Client's address towards the KDC", "%s",
                    address_text(&failure.exchange->client.address, proof->scope));
    if (failure.crowded)
        proof_caveat(proof, "The client was connected to other servers at that time, too");
    proof->confidence = MIN(proof->confidence, join_confidence(&failure));
    user = kdc_exchange_client(failure.exchange);
    if (user)
        proof->user = wmem_strdup(proof->scope, user);
}

static const char *realm_of(const struct kdc_exchange *kdc)
{
    return kdc->request.realm ? kdc->request.realm : kdc->reply.realm;
}

static const char *host_of(const char *service)
{
    const char *slash = strchr(service, '/');

    return slash ? slash + 1 : service;
}

bool kdc_was_asked_for_domain(const struct kdc_exchange *kdc)
{
    const char *service = kdc_exchange_service(kdc), *realm = realm_of(kdc);

    return service && realm && strchr(service, '/') &&
           g_ascii_strncasecmp(service, "krbtgt/", 7) != 0 &&
           g_ascii_strcasecmp(host_of(service), realm) == 0;
}

void prove_service(const struct scene *scene, struct proof *proof, struct kdc_exchange *kdc)
{
    const char *service = kdc_exchange_service(kdc), *client = kdc_exchange_client(kdc);
    const char *realm = realm_of(kdc);

    if (service)
        proof_value_in(proof, &kdc->requested, "Ticket asked for", "%s%s%s", service,
                       realm ? "@" : "", realm ? realm : "");
    if (client)
        proof_value(proof, "Client name", "%s", client);
    proof_value(proof, "KDC", "%s", address_text(&kdc->kdc.address, proof->scope));
    prove_names(scene, proof);
    prove_join(scene, proof);
    proof->related = kdc->replied.frame ? kdc->replied : kdc->requested;
    if (!proof->related.frame)
        proof->related = kdc->syn;
    proof->subject = service ? wmem_strdup(proof->scope, service) : "";
    proof->kdc = kdc;
}

void soften_if_going_on(const struct scene *scene, struct proof *proof)
{
    if (scene->event == ON_REQUEST)
        proof_at_most(proof, WARNING);
}

/* ---- the rules' codes ---- */

bool kerberos_rule_stands_for(const struct rule *rule, int code)
{
    for (const int *listed = (const int *)rule->data; listed && *listed; listed++)
        if (*listed == code)
            return true;
    return false;
}

/* ---- clocks ---- */

/* Clocks that agree are worth a line only where they are what the error is about. Kerberos tells
 * whole seconds. */
static void prove_clock(struct proof *proof, const char *label,
                        const struct kerberos_message *error, const struct sighting *seen)
{
    const int64_t difference = error->server_time - seen->time / NANOSECONDS_PER_SECOND;
    const bool agree = difference >= -1 && difference <= 1;

    if (error->server_time && (!agree || error->error_code == KRB_AP_ERR_SKEW))
        proof_value(proof, label, "%lld s", (long long)difference);
}

/* ---- in the SESSION_SETUP response ---- */

/* Told with the response; and once more at the close, where the client was to try again and did
 * not. */
const struct kerberos_message *kerberos_refusal(const struct scene *scene)
{
    const struct exchange *exchange = scene->exchange;
    const struct token *token = exchange ? response_token_of(exchange) : NULL;

    if (!token || token->kind != TOKEN_KRB_ERROR || exchange->command != SMB2_SESSION_SETUP)
        return NULL;
    return scene->event == ON_RESPONSE || scene->event == ON_CLOSE ? &token->kerberos : NULL;
}

static void prove_refusal(const struct scene *scene, struct proof *proof,
                          const struct kerberos_message *error)
{
    const struct session *session = scene->session;

    proof_value_in(proof, &scene->exchange->response, "KRB-ERROR", "%s",
                   kerberos_error_text(error->error_code, proof->scope));
    if (session && session->ticket && session->ticket->service) {
        proof_value(proof, "Ticket presented", "%s@%s", session->ticket->service,
                    session->ticket->realm ? session->ticket->realm : "?");
    }
    prove_names(scene, proof);
    prove_ticket_history(scene, proof);
    prove_clock(proof, "Server's clock minus capture's", error, &scene->exchange->response);
    /* [MS-KILE] 3.2.5.8: with a challenge to go on, the client may try again */
    if (scene->event == ON_RESPONSE && scene->exchange->status == STATUS_MORE_PROCESSING_REQUIRED)
        proof->severity = NOTE;
}

/* ---- from the KDC ---- */

static struct kdc_exchange *kdc_error(const struct scene *scene)
{
    struct kdc_exchange *kdc = kdc_failure(scene);

    return kdc && kdc->reply.type == KERBEROS_ERROR ? kdc : NULL;
}

void prove_kdc_error(const struct scene *scene, struct proof *proof, struct kdc_exchange *kdc)
{
    const struct kerberos_message *error = &kdc->reply;

    proof_value_in(proof, &kdc->replied, "KRB-ERROR", "%s",
                   kerberos_error_text(error->error_code, proof->scope));
    if (error->error_text && *error->error_text)
        proof_value(proof, "Error text", "%s", error->error_text);
    if (error->nt_status)
        proof_value(proof, "Status in the error", "%s",
                    status_text(error->nt_status, proof->scope));
    prove_clock(proof, "KDC's clock minus capture's", error, &kdc->replied);
    prove_service(scene, proof, kdc);
    soften_if_going_on(scene, proof);
}

bool has_kerberos_error(const struct scene *scene)
{
    return kerberos_refusal(scene) || kdc_error(scene);
}

bool match_kerberos_error(const struct scene *scene, struct proof *proof)
{
    const struct kerberos_message *refusal = kerberos_refusal(scene);
    struct kdc_exchange *kdc = refusal ? NULL : kdc_error(scene);

    if (refusal && kerberos_rule_stands_for(proof->rule, refusal->error_code))
        prove_refusal(scene, proof, refusal);
    else if (kdc && kerberos_rule_stands_for(proof->rule, kdc->reply.error_code))
        prove_kdc_error(scene, proof, kdc);
    else
        return false;
    return true;
}
