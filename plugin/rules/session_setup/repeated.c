/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * session_setup: passwords that a server refuses one client again and again.
 *
 * Told at the fifth attempt, and when their number has doubled: a person who mistypes twice stays
 * below, and lockout policies begin to count at about as many. Programs try several times at once:
 * within a second, two refusals count as one attempt.
 */
#include "facts.h"

#define MANY 5

#define PASSWORD_REFUSED                                                                           \
    (const uint32_t[])                                                                             \
    {                                                                                              \
        STATUS_LOGON_FAILURE, STATUS_WRONG_PASSWORD, STATUS_NO_SUCH_USER,                          \
            STATUS_ACCOUNT_LOCKED_OUT, 0                                                           \
    }

/* The last one made the number 5, 10, 20, 40 ... */
static bool is_milestone(unsigned before, unsigned now)
{
    unsigned milestone = MANY;

    while (milestone <= before && milestone < UINT_MAX / 2)
        milestone *= 2;
    return now >= milestone && before < milestone;
}

/* ---- session_setup.repeated_failures ---- */

static unsigned attempts_before_last(const struct refused_user *user)
{
    const bool is_new = user->last_attempt.frame == user->last.frame;

    return MAX(user->attempts - (is_new ? 1 : 0), (user->refusals - 1) / 2);
}

static bool is_due(const struct refused_user *user)
{
    return is_milestone(attempts_before_last(user), MAX(user->attempts, user->refusals / 2)) ||
           (user->locked_after > 1 && user->locked.frame == user->last.frame);
}

static void prove_refusals(struct proof *proof, const struct refused_user *user)
{
    proof_value(proof, "Refused without a success in between", "%u times", user->refusals);
    proof_frame(proof, "The first time", &user->first);
    proof_interval(proof, "Since the first time", sighting_interval(&user->first, &user->last));
    if (user->locked.frame)
        proof_value_in(proof, &user->locked, "Account locked out", "after %u refusals",
                       user->locked_after);
}

static bool match_repeated_failures(const struct scene *scene, struct proof *proof)
{
    const struct refused_user *user =
        is_password_refusal(scene->exchange) ? session_refusals(scene->session) : NULL;

    if (!user || !is_due(user))
        return false;
    prove_logon(scene, proof);
    prove_refusals(proof, user);
    return true;
}

static const struct rule repeated_failures = {
    .id = "session_setup.repeated_failures",
    .severity = WARNING,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .commands = FOR_SESSION_SETUP,
    .statuses = PASSWORD_REFUSED,
    .match = match_repeated_failures,
    .summary = "The server refuses the same user of this client again and again",
    .headline = "{user} from {client}: refused {=Refused without a success in between}",
    .cause = "A program keeps trying a password that was changed: service, scheduled task, mapped "
             "drive, credential manager, backup, phone\n"
             "Somebody tries passwords",
    .next_step =
        "How near is the account to its lockout, or is it there already? net accounts /domain, "
        "Get-ADUser {USER} -Properties badPwdCount,LockedOut\n"
        "On the client: cmdkey /list, services and tasks that run as this user, net use\n"
        "On the client, which process it is: events 4648 and 4625 of the Security log\n"
        "On a Linux client: credentials files of mounts in /etc/fstab and of automounters",
    .reference = REFERENCE_LOGON_STATUS,
};

/* ---- session_setup.many_users_refused ---- */

#define USERS_NAMED 5

static void prove_users(struct proof *proof, const struct refused_client *client)
{
    wmem_strbuf_t *names = wmem_strbuf_new(proof->scope, "");
    unsigned named = 0;

    for (unsigned i = 0; i < MIN(client->user_count, REFUSED_USERS) && named < USERS_NAMED; i++) {
        const struct refused_user *user = client->users[i];

        if (user->series != client->series)
            continue;
        wmem_strbuf_append_printf(names, "%s%s", named++ ? ", " : "",
                                  session_user(user->session, proof->scope));
    }
    proof_value(proof, "Users refused, nobody let in", "%u", client->in_series);
    proof_value(proof, "Among them", "%s", wmem_strbuf_finalize(names));
    proof_frame(proof, "The first one", &client->first);
    proof_interval(proof, "Since the first one", sighting_interval(&client->first, &client->last));
}

static bool match_many_users_refused(const struct scene *scene, struct proof *proof)
{
    const struct refused_client *client =
        is_password_refusal(scene->exchange) ? connection_refusals(scene->connection) : NULL;

    if (!client || !client->is_new || !is_milestone(client->in_series - 1, client->in_series))
        return false;
    prove_users(proof, client);
    return true;
}

static const struct rule many_users_refused = {
    .id = "session_setup.many_users_refused",
    .severity = WARNING,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .commands = FOR_SESSION_SETUP,
    .statuses = PASSWORD_REFUSED,
    .match = match_many_users_refused,
    .summary = "The server refuses several users of this client one after the other",
    .headline = "{client}: {=Users refused, nobody let in} users refused by {server}",
    .cause = "Consistent with somebody who tries one password on many accounts (password "
             "spraying)\n"
             "Several users behind one address: terminal server, gateway, address translation; and "
             "something that refuses them all, such as the NTLM version\n"
             "A program with a list of accounts whose passwords are out of date",
    .next_step = "Find out what the client is, and who works there: Resolve-DnsName ADDRESS\n"
                 "Do users of other clients get into this server?\n"
                 "On the server: events 4625 of the Security log with that address; on the domain "
                 "controller 4771 and 4776",
    .reference = REFERENCE_LOGON_STATUS,
};

const struct rule_list session_setup_repeated_rules = {
    .blocks = (const struct rule *const[]){&repeated_failures, &many_users_refused, NULL},
};
