/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Others work: what succeeded elsewhere in the capture and so narrows the cause of a failure. The
 * same step for another client or at another server, the same user elsewhere, another user here,
 * the same share for others, other shares.
 *
 * Of everything that is alike the last two successes of different peers are kept, so that one of
 * them is another's than the one that failed.
 */
#include "state.h"

/* ---- what is kept ---- */

enum kept_by { BY_CLIENT = 1, BY_SERVER, BY_USER, BY_SHARE };

struct deed {
    uint16_t command; /* enum smb2_command */
    enum kept_by kept_by;
    struct address address; /* length 0: of any */
    const char *name;       /* the user's or the share's; "" = none */
};

struct success {
    const struct connection *connection; /* NULL = none */
    const struct exchange *exchange;     /* gone where the connection is only a row */
    struct sighting answered;
    const char *share;
    struct session *session; /* as it was then, for a later renewal may be for somebody else; NULL:
                                none was needed yet */
};

struct successes {
    struct deed deed;
    struct success last, before; /* before: of another peer */
};

static size_t name_length(const struct deed *deed)
{
    /* alice and alice@lab.example are one user. */
    return deed->kept_by == BY_USER ? strcspn(deed->name, "@") : strlen(deed->name);
}

static guint hash_deed(gconstpointer key)
{
    const struct deed *deed = (const struct deed *)key;

    return bytes_hash(&deed->address, sizeof deed->address) + deed->command * 31U + deed->kept_by +
           name_hash(deed->name, name_length(deed));
}

static gboolean equal_deeds(gconstpointer a, gconstpointer b)
{
    const struct deed *left = (const struct deed *)a, *right = (const struct deed *)b;
    const size_t length = name_length(left);

    return left->command == right->command && left->kept_by == right->kept_by &&
           address_equal(&left->address, &right->address) && length == name_length(right) &&
           g_ascii_strncasecmp(left->name, right->name, length) == 0;
}

GHashTable *others_new(wmem_allocator_t *scope)
{
    return set_new(scope, hash_deed, equal_deeds);
}

/* ---- peers ---- */

static const char *user_of(const struct session *session)
{
    if (!session || session_is_guest(session) || session_is_anonymous(session))
        return NULL;
    if (session->authenticate && session->authenticate->user && *session->authenticate->user)
        return session->authenticate->user;
    return session->principal;
}

static const char *share_of(const struct exchange *exchange)
{
    return exchange->tree && exchange->tree->share ? exchange->tree->share : "";
}

static bool same_share(const struct success *one, const struct exchange *other)
{
    return g_ascii_strcasecmp(one->share, share_of(other)) == 0;
}

static bool same_client(const struct success *one, const struct exchange *other)
{
    return address_equal(&one->connection->client.address, &other->connection->client.address);
}

static bool same_server(const struct success *one, const struct exchange *other)
{
    return address_equal(&one->connection->server.address, &other->connection->server.address);
}

/* NULL: it is not kept any more. */
static const struct exchange *exchange_of(const struct success *one)
{
    return one->connection->row ? NULL : one->exchange;
}

static bool same_user(const struct success *one, const struct session *user)
{
    const struct exchange *exchange = exchange_of(one);

    return (user && exchange && exchange->session == user) || session_same_user(one->session, user);
}

/* The two successes say the same to whoever looks for another one. */
static bool same_peer(const struct deed *deed, const struct success *one,
                      const struct exchange *other)
{
    switch (deed->kept_by) {
    case BY_CLIENT:
        return same_server(one, other);
    case BY_USER:
        return same_server(one, other) && same_client(one, other);
    case BY_SHARE:
        return same_user(one, other->session);
    default:
        if (deed->command == SMB2_TREE_CONNECT)
            return same_share(one, other);
        if (deed->command == SMB2_SESSION_SETUP)
            return same_user(one, other->session);
        return same_client(one, other);
    }
}

/* ---- remembering ---- */

static struct successes *successes_of(struct engine *engine, const struct deed *deed)
{
    struct successes *kept = (struct successes *)g_hash_table_lookup(engine->others, deed);

    if (kept)
        return kept;
    kept = POOL_NEW(engine->pool, struct successes);
    kept->deed = *deed;
    g_hash_table_add(engine->others, &kept->deed);
    return kept;
}

static void take_down(struct success *place, const struct exchange *success,
                      wmem_allocator_t *scope)
{
    struct session *session = place->session;

    if (success->session && !session)
        session = wmem_new(scope, struct session);
    if (session)
        *session = success->session ? *success->session : (struct session){0};
    *place = (struct success){.connection = success->connection,
                              .exchange = success,
                              .answered = success->response,
                              .share = share_of(success),
                              .session = session};
}

static void remember(struct engine *engine, const struct deed *deed, const struct exchange *success)
{
    struct successes *kept = successes_of(engine, deed);
    const struct success last = kept->last;

    if (last.connection && !same_peer(deed, &last, success)) {
        kept->last = kept->before;
        kept->before = last;
    }
    take_down(&kept->last, success, engine->scope);
}

static struct deed deed_of(const struct exchange *exchange, enum kept_by kept_by)
{
    struct deed deed = {.command = exchange->command, .kept_by = kept_by, .name = ""};

    if (kept_by == BY_CLIENT)
        deed.address = exchange->connection->client.address;
    else if (kept_by != BY_USER)
        deed.address = exchange->connection->server.address;
    if (kept_by == BY_SHARE)
        deed.name = share_of(exchange);
    return deed;
}

static void remember_by(struct engine *engine, enum kept_by kept_by, const struct exchange *success)
{
    const struct deed deed = deed_of(success, kept_by);

    remember(engine, &deed, success);
}

static void remember_logon(struct engine *engine, const struct exchange *success)
{
    struct deed deed = deed_of(success, BY_USER);

    if (session_is_guest(success->session) || session_is_anonymous(success->session))
        return;
    remember_by(engine, BY_SERVER, success);
    deed.name = user_of(success->session);
    if (deed.name)
        remember(engine, &deed, success);
}

void others_remember(struct engine *engine, const struct exchange *success)
{
    switch (success->command) {
    case SMB2_NEGOTIATE:
    case SMB2_IOCTL:
        remember_by(engine, BY_CLIENT, success);
        remember_by(engine, BY_SERVER, success);
        break;
    case SMB2_SESSION_SETUP:
        if (success->session)
            remember_logon(engine, success);
        break;
    case SMB2_TREE_CONNECT:
        /* Everybody may open IPC$. */
        if (!success->tree || g_ascii_strcasecmp(share_of(success), "IPC$") == 0)
            break;
        remember_by(engine, BY_SERVER, success);
        remember_by(engine, BY_SHARE, success);
        break;
    default:
        break;
    }
}

/* ---- what they show ---- */

/* The last success of that deed by another peer than the one that failed, and not on its own
 * connection; NULL = none. */
static const struct success *find_other(const struct engine *engine, const struct deed *deed,
                                        const struct exchange *failed)
{
    const struct successes *kept =
        (const struct successes *)g_hash_table_lookup(engine->others, deed);
    const struct success *tried[2] = {kept ? &kept->last : NULL, kept ? &kept->before : NULL};

    for (unsigned i = 0; i < G_N_ELEMENTS(tried) && tried[i] && tried[i]->connection; i++)
        if (tried[i]->connection != failed->connection && !same_peer(deed, tried[i], failed) &&
            !exchange_has_error(exchange_of(tried[i])))
            return tried[i];
    return NULL;
}

static const struct success *find_other_by(const struct engine *engine, enum kept_by kept_by,
                                           const struct exchange *failed)
{
    const struct deed deed = deed_of(failed, kept_by);

    return find_other(engine, &deed, failed);
}

/* Of a server that fell silent, what it answered before says nothing: it may be silent to all. */
static bool is_outdated(const struct success *here, const struct exchange *failed)
{
    return failed->settled && !exchange_answered(failed) &&
           here->answered.time <= failed->request.time;
}

static void prove_other_hosts(struct proof *proof, const struct engine *engine,
                              const struct exchange *failed, const char *other_client,
                              const char *other_server)
{
    const struct success *here = find_other_by(engine, BY_SERVER, failed);
    const struct success *there = find_other_by(engine, BY_CLIENT, failed);

    if (here && !is_outdated(here, failed))
        proof_value_in(proof, &here->answered, other_client, "%s",
                       address_text(&here->connection->client.address, proof->scope));
    if (there)
        proof_value_in(proof, &there->answered, other_server, "%s",
                       address_text(&there->connection->server.address, proof->scope));
}

/* "LAB\bob by Kerberos" */
static const char *logon_words(const struct success *logon, wmem_allocator_t *scope)
{
    const char *user = session_user(logon->session, scope);
    const unsigned mechanism = logon->session ? logon->session->mechanism : 0;

    if (!user)
        user = user_of(logon->session);
    if (!user)
        user =
            phrase(scope, "a user of %s", address_text(&logon->connection->client.address, scope));
    return mechanism ? phrase(scope, "%s by %s", user, mechanism_name(mechanism)) : user;
}

static void prove_same_user(struct proof *proof, const struct engine *engine,
                            const struct exchange *failed)
{
    struct deed deed = deed_of(failed, BY_USER);
    const struct success *logon;

    deed.name = user_of(failed->session);
    logon = deed.name ? find_other(engine, &deed, failed) : NULL;
    if (!logon)
        return;
    if (same_server(logon, failed))
        proof_value_in(proof, &logon->answered, OTHERS_SAME_USER_HERE, "from %s",
                       address_text(&logon->connection->client.address, proof->scope));
    else
        proof_value_in(proof, &logon->answered, OTHERS_SAME_USER, "at %s",
                       address_text(&logon->connection->server.address, proof->scope));
}

/* NTLM needs neither the server's clock nor its key: that it works acquits no server that refuses
 * a ticket. */
static bool is_comparable(const struct success *logon, const struct exchange *failed)
{
    return !failed->session || failed->session->mechanism != MECHANISM_KERBEROS ||
           logon->session->mechanism != MECHANISM_NTLM;
}

static void prove_logons(struct proof *proof, const struct engine *engine,
                         const struct exchange *failed)
{
    const struct success *logon = find_other_by(engine, BY_SERVER, failed);

    prove_same_user(proof, engine, failed);
    if (logon && is_comparable(logon, failed))
        proof_value_in(proof, &logon->answered, OTHERS_LOGON, "%s",
                       logon_words(logon, proof->scope));
}

static void prove_shares(struct proof *proof, const struct engine *engine,
                         const struct exchange *failed)
{
    const struct success *opened = find_other_by(engine, BY_SHARE, failed);
    const struct success *share = find_other_by(engine, BY_SERVER, failed);

    if (opened)
        proof_value_in(proof, &opened->answered, OTHERS_SHARE, "%s",
                       logon_words(opened, proof->scope));
    if (share)
        proof_value_in(proof, &share->answered, OTHERS_SHARES, "\"%s\" for %s", share->share,
                       logon_words(share, proof->scope));
}

/* ---- of a finding ---- */

/* An attempt to connect has no exchange: what it was for is NEGOTIATE. */
static struct exchange failure_of(const struct finding *finding)
{
    struct exchange failed = {.command = SMB2_NEGOTIATE,
                              .connection = finding->connection,
                              .request = finding->about,
                              .settled = true};

    if (finding->exchange)
        failed = *finding->exchange;
    if (failed.command == SMB1_NEGOTIATE)
        failed.command = SMB2_NEGOTIATE;
    return failed;
}

static bool is_failure(const struct finding *finding)
{
    const struct exchange *exchange = finding->exchange;
    const enum stage stage = connection_stage(finding->connection);

    if (finding->withdrawn || finding->severity < WARNING)
        return false;
    if (!exchange)
        return stage == STAGE_NO_TCP || stage == STAGE_NETBIOS;
    return exchange->command == SMB2_IOCTL || !exchange_answered(exchange) ||
           exchange->status != STATUS_SUCCESS;
}

static struct evidence_list others_of(const struct finding *finding, wmem_allocator_t *scope)
{
    const struct engine *engine = finding->connection->diagnosis->engine;
    const struct exchange failed = failure_of(finding);
    struct proof proof = {.scope = scope};

    if (!is_failure(finding))
        return proof.evidence;
    if (failed.command == SMB2_NEGOTIATE)
        prove_other_hosts(&proof, engine, &failed, OTHERS_CLIENT, OTHERS_SERVER);
    else if (failed.command == SMB2_IOCTL)
        prove_other_hosts(&proof, engine, &failed, OTHERS_CLIENT_VALIDATES,
                          OTHERS_SERVER_VALIDATES);
    else if (failed.command == SMB2_SESSION_SETUP)
        prove_logons(&proof, engine, &failed);
    else if (failed.command == SMB2_TREE_CONNECT)
        prove_shares(&proof, engine, &failed);
    return proof.evidence;
}

bool others_show(const struct finding *finding, const char *label, wmem_allocator_t *scope)
{
    const struct evidence_list list = others_of(finding, scope);

    for (const struct evidence *at = list.first; at; at = at->next)
        if (strcmp(at->label, label) == 0)
            return true;
    return false;
}

struct evidence_list finding_evidence(const struct finding *finding, wmem_allocator_t *scope)
{
    struct evidence_list list = exchange_evidence(finding, scope);

    for (const struct evidence *at = finding->evidence; at; at = at->next)
        evidence_copy(&list, at, scope);
    evidence_append(&list, others_of(finding, scope));
    return list;
}
