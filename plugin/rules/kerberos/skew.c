/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * kerberos: clocks too far apart, and whose is wrong.
 *
 * Three clocks can be read: the capture's, that of the error's sender (stime, RFC 4120 5.9.1) and
 * the server's in NEGOTIATE ([MS-SMB2] 2.2.4). The client's own is hidden in what it encrypts.
 */
#include "facts.h"
#include "../facts.h"

#define SKEW_SECONDS 300

enum verdict {
    CLOCK_UNKNOWN,
    CLOCK_CLIENTS,
    CLOCK_CLIENTS_AND_CAPTURES,
    CLOCK_KDCS,
    CLOCK_SERVERS,
};

static bool is_off(int64_t seconds)
{
    return seconds > SKEW_SECONDS || seconds < -SKEW_SECONDS;
}

/* The KDC's clock against the capture's, and the server's as a witness. */
static enum verdict judge_kdc(const struct scene *scene, const struct kdc_exchange *kdc)
{
    const int64_t ahead = kdc->reply.server_time - kdc->replied.time / NANOSECONDS_PER_SECOND;
    int64_t server_ahead;

    if (kdc->reply.server_time == 0)
        return CLOCK_UNKNOWN;
    if (!is_off(ahead))
        return CLOCK_CLIENTS;
    if (!server_clock(scene->connection, &server_ahead))
        return CLOCK_UNKNOWN;
    server_ahead /= NANOSECONDS_PER_SECOND;
    if (!is_off(server_ahead))
        return CLOCK_KDCS;
    return is_off(server_ahead - ahead) ? CLOCK_UNKNOWN : CLOCK_CLIENTS_AND_CAPTURES;
}

/* The client has just had a ticket from a KDC: where the server's clock is off, it is not
 * the client's that the KDC took offence at. */
static enum verdict judge_server(const struct scene *scene, const struct kerberos_message *refusal)
{
    const int64_t sent = scene->exchange->response.time / NANOSECONDS_PER_SECOND;

    if (refusal->server_time == 0)
        return CLOCK_UNKNOWN;
    return is_off(refusal->server_time - sent) ? CLOCK_SERVERS : CLOCK_CLIENTS;
}

static enum verdict judge(const struct scene *scene)
{
    const struct kerberos_message *refusal = kerberos_refusal(scene);
    const struct kdc_exchange *kdc = refusal ? NULL : kdc_failure(scene);

    if (refusal)
        return judge_server(scene, refusal);
    return kdc ? judge_kdc(scene, kdc) : CLOCK_UNKNOWN;
}

/* ---- kerberos.skew ---- */

#define FIND_OUT_WHY                                                                               \
    "\nFind out there why it went wrong: w32tm /query /source and w32tm /query /status, or "       \
    "chronyc "                                                                                     \
    "sources"
#define SET_THE_CLIENTS "Set the client's clock: w32tm /resync, or chronyc makestep" FIND_OUT_WHY

static const struct {
    const char *whose, *cause, *next_step;
} verdicts[] = {
    [CLOCK_CLIENTS] = {"The client's",
                       "The client's clock is wrong: that of the error's sender agrees with the "
                       "capture's\n"
                       "The capturing host shares the wrong clock of the error's sender",
                       SET_THE_CLIENTS},
    [CLOCK_CLIENTS_AND_CAPTURES] =
        {"The client's",
         "The client's clock is wrong, and the capturing host's is, which may be the client: the "
         "clocks of KDC and server agree with each other, and not with the capture's",
         SET_THE_CLIENTS},
    [CLOCK_KDCS] = {"The KDC's",
                    "The KDC's clock is wrong: it is more than five minutes off the "
                    "capture's and the server's, which agree",
                    "Set the KDC's clock ({KDC}): w32tm /resync, or chronyc makestep" FIND_OUT_WHY},
    [CLOCK_SERVERS] = {"The server's",
                       "The server's clock is wrong: it is more than five minutes off the "
                       "capture's, and the client has a ticket from a KDC\n"
                       "The clocks of the client and of the capturing host are wrong",
                       "Set the server's clock ({SERVER}): w32tm /resync, or chronyc "
                       "makestep" FIND_OUT_WHY},
};

static bool match_skew(const struct scene *scene, struct proof *proof)
{
    enum verdict verdict;

    if (!match_kerberos_error(scene, proof))
        return false;
    verdict = judge(scene);
    if (verdict == CLOCK_UNKNOWN)
        return true;
    proof_words(proof, "Wrong clock", verdicts[verdict].whose);
    proof->cause = verdicts[verdict].cause;
    proof->next_step = verdicts[verdict].next_step;
    return true;
}

static const struct rule skew = {
    .id = "kerberos.skew",
    .severity = ERROR,
    .weighs = AS_NOTE | AS_WARNING,
    .confidence = CERTAIN,
    .events = KERBEROS_EVENTS,
    .commands = KERBEROS_COMMANDS,
    .gate = has_kerberos_error,
    .match = match_skew,
    .data = (const int[]){KRB_AP_ERR_SKEW, KDC_ERR_NONE},
    .summary = "The clocks differ by more than Kerberos allows (five minutes by default)",
    .headline =
        "{=Wrong clock} clock is wrong: it differs by more than Kerberos allows|"
        "Clocks differ too much for Kerberos: KDC minus capture {=KDC's clock minus capture's}|"
        "Clocks differ too much for Kerberos: server minus capture {=Server's clock minus "
        "capture's}",
    .cause = "The client's clock is wrong\n"
             "The clock of the KDC or of the server that sent the error is wrong",
    .next_step = "Compare the clocks, on the client: w32tm /stripchart /computer:{KDC} /samples:3 "
                 "/dataonly, and the same for {SERVER}; on Linux chronyc tracking\n"
                 "Synchronise the wrong one: w32tm /resync, or chronyc makestep",
    .reference = "RFC 4120 3.1.3 Generation of KRB_AS_REP Message\n"
                 "[MS-KILE] 3.2.5.8 AP Exchange",
};

const struct rule_list kerberos_skew_rules = {
    .blocks = (const struct rule *const[]){&skew, NULL},
};
