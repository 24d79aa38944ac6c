/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Inside the room engine: what its files share.
 */
#ifndef SMB2DIAG_ENGINE_STATE_H
#define SMB2DIAG_ENGINE_STATE_H

#include "engine_summary.h"

#define COMMANDS 7 /* those of enum command_set, and none */

struct engine {
    wmem_allocator_t *scope;
    struct pool *pool; /* for what findings are made of */
    struct model *model;
    bool chat;
    struct note_page **pages; /* the notes by frame number, see notes.c; NULL = none in the page */
    uint32_t page_count;
    /* Of pairs of hosts, see pairs.c: */
    wmem_map_t *failures;      /* what failed between them lately */
    wmem_map_t *properties;    /* what was said of the hosts themselves */
    GHashTable *others;        /* what succeeded, see others.c */
    struct store *texts;       /* of findings and rows */
    wmem_allocator_t *scratch; /* until the event is over: proofs, of which few become findings */
    /* In the order in which they are asked, the last one without a rule; see listeners.c */
    const struct listener *listeners[EVENTS][COMMANDS][2];
};

/* A rule, and of it what is looked at before it is asked: side by side with that of the next one,
 * for most are not asked. */
struct listener {
    const struct rule *rule;
    bool (*gate)(const struct scene *scene); /* NULL: none, or passed by the one before */
    bool (*match)(const struct scene *scene, struct proof *proof);
    uint8_t severity, confidence;
    bool conditional; /* statuses or absence */
    bool fallback;
    uint16_t gated; /* how many the gate keeps out: this one and those behind it that share it */
};

/* One of the findings about something that is not theirs alone. */
struct attached {
    struct finding *finding;
    struct attached *next;
};
/* As the last one. */
void attach_to(struct attached **first, struct finding *finding, struct pool *pool);

/* What was found on one connection. */
struct diagnosis {
    const struct engine *engine;
    struct finding *first, *last; /* in order */
    unsigned count;
    wmem_map_t *faults;       /* the same by rule and subject; NULL: they are few */
    struct attached *adopted; /* those that another connection of the hosts has; NULL = none */
    struct finding *root;     /* explains the failure; NULL = none */
};

/* ---- listeners.c: which rules are asked ---- */

/* Sorts the rules that are not off by the events that they listen to. off: ids separated by commas
 * or blanks; may be NULL. */
void listeners_fill(struct engine *engine, const struct catalogue *catalogue, const char *off);
/* Those that the scene may concern; behind the last one is one without a rule. */
const struct listener *listeners_of(const struct engine *engine, const struct scene *scene);
/* Whether what a rule asks for besides the event is given: its statuses, and a capture that shows
 * what is absent. */
bool listens_with(const struct rule *rule, const struct scene *scene);

/* ---- evidence.c, proof.c ---- */

/* The message that a finding hangs on unless its rule says another one; engine.h: struct proof. */
struct sighting proof_about(const struct scene *scene);
/* Of the finding's own: keeps a copy, as the last; or none at all any more. */
void evidence_keep(const struct engine *engine, struct finding *finding,
                   struct evidence_list addition);
void evidence_free(const struct engine *engine, struct finding *finding);
/* What is known only now of the silence, the close and the capture, and then what the rule proved.
 */
struct evidence_list proof_evidence(const struct scene *scene, const struct proof *proof);
void evidence_append(struct evidence_list *to, struct evidence_list more);
void evidence_copy(struct evidence_list *to, const struct evidence *evidence,
                   wmem_allocator_t *scope);
/* "12.345 ms", "3.000 s" */
char *interval_text(int64_t nanoseconds, wmem_allocator_t *scope);

/* ---- exchange_evidence.c ---- */

/* The frames of its exchange, the status, how long it took; none without an exchange. */
struct evidence_list exchange_evidence(const struct finding *finding, wmem_allocator_t *scope);
/* Of that evidence the value with the label; NULL: there is none. */
const char *exchange_value(const struct finding *finding, const char *label,
                           wmem_allocator_t *scope);

/* ---- way.c ---- */

/* Each says nothing where nothing is known. */
void prove_closer(struct proof *proof, const struct connection *connection);
void prove_notice(struct proof *proof, const struct exchange *exchange);
/* One of the network's conditions. false: there is no such condition. */
bool way_condition(const struct finding *finding, const char *name, bool *holds);

/* ---- notes.c ---- */

/* where: frame 0 = nowhere. message: the one concerned. */
void note_add(struct engine *engine, const struct sighting *where, enum note_kind kind,
              struct finding *finding, const struct sighting *message);
/* Of whatever kind. */
bool note_exists(const struct engine *engine, const struct sighting *where,
                 const struct finding *finding);
void note_remove(struct engine *engine, const struct sighting *where, enum note_kind kind,
                 const struct finding *finding);
/* The finding is about another message now, one that was a repeat. */
void note_move_about(struct engine *engine, struct finding *finding, const struct sighting *from,
                     const struct sighting *to);

/* ---- findings.c ---- */

/* The finding of that rule that was made of the exchange, withdrawn or not; NULL = none. */
struct finding *exchange_finding(const struct exchange *exchange, const struct rule *rule);
void finding_withdraw(struct finding *finding);
/* What the proof shows now, instead of what was shown before. */
void finding_fill(struct finding *finding, const struct scene *scene, const struct proof *proof);
/* A rule stands back from an exchange that a better one has told of: a cause beats a generic rule,
 * and a specific symptom beats a generic one. exchange: may be NULL. */
bool exchange_told(const struct exchange *exchange);
static inline bool stands_back(const struct rule *rule, const struct exchange *exchange)
{
    return rule->fallback &&
           (exchange_explained(exchange) || (rule->symptom && exchange_told(exchange)));
}
/* What the proof shows becomes a finding, a part of one, or nothing new. */
void finding_record(struct engine *engine, const struct rule *rule, const struct scene *scene,
                    const struct proof *proof);

/* ---- silent_requests.c ---- */

/* Time completes its proof, not a frame. */
bool event_is_of_time(enum event event);
/* It says that an answer did not come. */
bool finding_is_of_silence(const struct finding *finding);
/* The finding is about the exchange, too. */
void silence_remember(struct engine *engine, struct finding *finding, struct exchange *exchange);
void silence_drop_first(struct engine *engine, struct finding *finding);
void silence_drop_last(struct engine *engine, struct finding *finding);

/* ---- silence.c ---- */

/* The attempt to connect did not fail: what was said of it alone is taken back. */
void findings_withdraw_attempt(struct engine *engine, const struct scene *scene);
/* Takes back what was said about the exchange because of its silence: an answer came after all, or
 * (ON_REACHED) an ACK of what never seemed to arrive. What was said about others, too, stays. */
void silence_withdraw(struct engine *engine, const struct scene *scene);
/* An answer came when the client had closed. */
void silence_answered_too_late(struct engine *engine, const struct scene *scene);

/* Takes back what was said of the exchange's logon and is another user's matter. */
void findings_withdraw_of_others(const struct exchange *exchange);

/* ---- values.c ---- */

/* The session of the finding's exchange, else of its connection; NULL = none. */
const struct session *finding_session(const struct finding *finding);
/* The name or address that the client calls the server by; NULL = unknown. */
const char *finding_server(const struct finding *finding, wmem_allocator_t *scope);
/* The value of the evidence with that label, "label/2" the second one of two; NULL = none. */
const char *evidence_labelled(const struct finding *finding, const char *label,
                              wmem_allocator_t *scope);

/* What "{token}" stands for in a headline: server, client, share, user, status, dialect, =Label.
 * NULL: unknown here. */
const char *headline_value(const struct finding *finding, const char *token,
                           wmem_allocator_t *scope);
/* The same for a command in a cause or next step: SERVER, SHARE ... *value NULL: unknown here.
 * false: there is no such token. */
bool advice_value(const struct finding *finding, const char *token, const char **value,
                  wmem_allocator_t *scope);

/* ---- conditions.c ---- */

/* Whether a line of advice stands that depends on that name: of a token that has a value, of a
 * condition, or of a status. Of several, one is enough: "NAMED|KDC". */
bool condition_holds(const struct finding *finding, const char *names, wmem_allocator_t *scope);

/* ---- pairs.c ---- */

/* For what is remembered by pair of hosts. */
wmem_map_t *pair_map_new(wmem_allocator_t *scope);
/* Of struct finding, the oldest first; NULL = none. */
wmem_list_t *pair_findings(wmem_map_t *map, const struct connection *connection);
/* Of each pair, the last kept ones. */
void pair_remember(struct engine *engine, wmem_map_t *map, struct finding *finding, unsigned kept);

/* What was said already, on another connection of the same two hosts, of a property of theirs; NULL
 * = nothing. */
struct finding *property_known(const struct engine *engine, const struct rule *rule,
                               const struct connection *connection, const char *subject);
void property_remember(struct engine *engine, struct finding *finding);
/* It is of that rule, and not withdrawn; subject NULL: any. */
bool is_fault(const struct finding *finding, const struct rule *rule, const char *subject);
/* Said on another connection of the hosts, it is this one's, too. */
void property_adopt(const struct engine *engine, struct diagnosis *diagnosis,
                    struct finding *finding);
/* subject NULL: any. */
struct finding *property_adopted(const struct connection *connection, const struct rule *rule,
                                 const char *subject);

/* ---- recovery.c ---- */

/* An error that a success soon after may take the edge off. */
void recovery_remember(struct engine *engine, struct finding *finding);
/* A set-up on the connection succeeded as far as this exchange: what failed on the same pair of
 * hosts in the last five seconds, for the same user and share as far as it was about them, was
 * overcome, and becomes a note. */
void recovery_apply(struct engine *engine, const struct exchange *success);

/* ---- closed.c ---- */

/* What is told of a connection when the rest is gone: of connection_summary. */
struct row {
    const char *dialect, *signing, *encryption, *mechanism, *user, *shares;
    int64_t negotiate_took, session_setup_took, tree_connect_took;
    enum outcome outcome;
};
/* It closed long ago: leaves a row of it where nothing was found but context, which goes. */
void connection_forget(struct engine *engine, struct connection *connection);

/* ---- others.c ---- */

#define OTHERS_CLIENT N_("Another client agrees with this server")
#define OTHERS_SERVER N_("This client agrees with another server")
#define OTHERS_CLIENT_VALIDATES N_("Another client's validation succeeds here")
#define OTHERS_SERVER_VALIDATES N_("This client's validation succeeds at another server")
#define OTHERS_SAME_USER N_("The same user logs on elsewhere")
#define OTHERS_SAME_USER_HERE N_("The same user logs on here")
#define OTHERS_LOGON N_("Another logon succeeds here")
#define OTHERS_SHARE N_("The share opens for another")
#define OTHERS_SHARES N_("Another share of this server opens")

/* For engine->others. */
GHashTable *others_new(wmem_allocator_t *scope);
void others_remember(struct engine *engine, const struct exchange *success);
/* Whether others show something with that label about the finding. */
bool others_show(const struct finding *finding, const char *label, wmem_allocator_t *scope);

/* ---- root_cause.c ---- */

/* The finding becomes its connection's root cause if it explains more than the present one. */
void root_elect(struct finding *finding);
/* It explains nothing any more: the next one does, if there is one. */
void root_step_down(struct finding *finding);
/* The set-up went on: what failed earlier was not the end of it. */
void root_review(struct connection *connection);

#endif
