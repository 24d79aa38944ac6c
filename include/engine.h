/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The room engine: asks the rules when something happens, makes findings of what they prove, lets
 * the specific supersede the generic, rolls repeats up, takes the edge off what was overcome, and
 * elects the root cause of each connection. It knows no rule.
 *
 * A rule looks at the scene, fills in a proof (evidence as values, never as sentences), and says
 * whether it applies. All memory belongs to the scope that the engine was made in, unless said
 * otherwise.
 */
#ifndef SMB2DIAG_ENGINE_H
#define SMB2DIAG_ENGINE_H

#include "bytes_language.h"
#include "model.h"

/* 0 is none of them: a rule that forgets one is seen by the catalogue's test. */
enum severity { CHAT = 1, NOTE, WARNING, ERROR };
enum confidence { POSSIBLE = 1, LIKELY, CERTAIN };

/* In English, as fields and JSON have them; "" = none of them. Readers get them translated(). */
const char *severity_name(enum severity severity);       /* "error" */
const char *confidence_name(enum confidence confidence); /* "certain" */

/* ---- evidence ---- */

enum evidence_kind {
    EVIDENCE_FRAME,      /* label, frame */
    EVIDENCE_VALUE,      /* label, value, frame (0 = none) */
    EVIDENCE_DIFFERENCE, /* the first part of a struct evidence_difference: label, value in frame */
    EVIDENCE_INTERVAL,   /* label, nanoseconds */
    EVIDENCE_CAVEAT,     /* label only: what lowers the confidence */
};
struct evidence {
    struct evidence *next;
    const char *label; /* by which it is found; shown translated() */
    enum evidence_kind kind;
    uint32_t frame;
    union {
        const char *value; /* shown as phrase_text() */
        int64_t interval;
    };
};
struct evidence_difference {
    struct evidence first;
    const char *value;
    uint32_t frame;
};
struct evidence_list { /* in the order in which it is shown; both NULL: empty */
    struct evidence *first, *last;
};

#define EVIDENCE_PARTS 2 /* at most */
/* The value that the part shows, 0 or 1; NULL: it shows none. And where: 0 = nowhere. */
const char *evidence_value(const struct evidence *evidence, unsigned part);
uint32_t evidence_frame(const struct evidence *evidence, unsigned part);

struct rule;

/* Filled with the rule's defaults before the predicate is asked. */
struct proof {
    wmem_allocator_t *scope;
    const struct rule *rule; /* the one that is asked: predicates may serve several */
    enum severity severity;
    enum confidence confidence;

    /* The message that the finding hangs on. Default: ON_RESPONSE the response, ON_REQUEST the
     * request, ON_INTERIM the interim; ON_CLOSE, ON_SILENCE, ON_UNREACHABLE the request if open,
     * else the response; the others: now. */
    struct sighting about;
    struct sighting related; /* one more message worth a link; frame 0 = none */

    /* What repeats of the same fault have in common besides rule and connection, e.g. the share's
     * path; "" by default: every fault of that rule on the connection rolls up. Strings are
     * compared. */
    const char *subject;

    const char *cause;        /* instead of the rule's; NULL = the rule's */
    const char *next_step;    /* likewise */
    struct kdc_exchange *kdc; /* what the proof rests on: used up by the finding; NULL = nothing */
    const char *user; /* whose failure it is, where that is known before the logon shows it: a
                         logon of another takes the finding back; NULL = unknown */
    struct evidence_list evidence;
};

/* Labels, formats and words are constant texts, which are translated when they are shown; values
 * are copied, and may be phrases. */
void proof_frame(struct proof *proof, const char *label, const struct sighting *sighting);
void proof_value(struct proof *proof, const char *label, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
void proof_value_in(struct proof *proof, const struct sighting *where, const char *label,
                    const char *format, ...) G_GNUC_PRINTF(4, 5);
/* A value that is a text itself. */
void proof_words(struct proof *proof, const char *label, const char *words);
void proof_words_in(struct proof *proof, const struct sighting *where, const char *label,
                    const char *words);
void proof_difference(struct proof *proof, const char *label, const char *left,
                      const struct sighting *left_in, const char *right,
                      const struct sighting *right_in);
void proof_interval(struct proof *proof, const char *label, int64_t nanoseconds);
void proof_caveat(struct proof *proof, const char *label);

/* Where the capture was taken, which every finding about a silence has; where that is unknown,
 * nothing. */
void prove_vantage(struct proof *proof, const struct connection *connection);
/* "near the client: ...", with the two times; a phrase; NULL = unknown. */
const char *vantage_text(const struct connection *connection, wmem_allocator_t *scope);

/* Not above this severity. */
void proof_at_most(struct proof *proof, enum severity severity);

/* One line for a reader, in the reader's language, e.g. "Capabilities: 0x00000047 in frame 4,
 * 0x00000007 in frame 12". */
const char *evidence_text(const struct evidence *evidence, wmem_allocator_t *scope);

/* ---- rules ---- */

enum command_set { /* whose exchanges a rule looks at; 0 = of any, and events without one */
                   FOR_SMB1_NEGOTIATE = 1 << 0,
                   FOR_NEGOTIATE = 1 << 1,
                   FOR_SESSION_SETUP = 1 << 2,
                   FOR_TREE_CONNECT = 1 << 3,
                   FOR_IOCTL = 1 << 4, /* validate-negotiate */
                   FOR_CREATE = 1 << 5,
};

enum weight_set { /* severities that a finding may have besides the rule's */
                  AS_CHAT = 1 << CHAT,
                  AS_NOTE = 1 << NOTE,
                  AS_WARNING = 1 << WARNING,
                  AS_ERROR = 1 << ERROR,
};

struct rule {
    const char *id; /* family.what_is_wrong; NULL ends an array of rules */
    enum severity severity;
    unsigned weighs; /* enum weight_set: what else the predicate may make of the severity */
    enum confidence confidence;

    /* When it is asked. */
    unsigned events;          /* set of enum event */
    unsigned commands;        /* enum command_set */
    const uint32_t *statuses; /* ON_RESPONSE only with one of these, 0-terminated; NULL = any */

    /* What several rules in a row need: asked once for all of them, before their own predicates.
     * NULL: nothing. */
    bool (*gate)(const struct scene *scene);
    /* Whether it applies. NULL: statuses alone decide. */
    bool (*match)(const struct scene *scene, struct proof *proof);
    const void *data; /* for a predicate that serves several rules */

    /* Claims that something did not happen: silent unless connection_absence_is_proof(). */
    bool absence;
    /* Only where no error or warning of another rule explains the exchange; one that comes later
     * supersedes it. */
    bool fallback;
    /* Tells what happened, not why: root cause only while nothing else is. */
    bool symptom;
    /* A property of the hosts, not of this connection: said once of a client and a server, with
     * links on their later connections. subject: the value that it has. No error, for those are
     * told wherever they happen, and no chat, for that has no links. */
    bool of_hosts;
    /* May have led to a later error of the same session, which then has the steps of both. */
    bool prelude;

    const char *summary;  /* one constant sentence, under 100 characters, no full stop */
    const char *headline; /* the same with values, see finding_headline(); NULL = the summary */
    const char *cause;    /* likely causes, ranked, one per line; tokens as finding_cause() */
    const char *others;   /* what stands before them where others work, see values.c; NULL = none */
    const char *next_step; /* what to check or run, one per line, commands exact; likewise */
    const char *reference; /* "[MS-SMB2] 3.3.5.7", one per line */
};

/* The rules of one file: blocks of their own, and rows of an array that ends with a row without an
 * id. Either may be NULL. Blocks are asked before rows. */
struct rule_list {
    const struct rule *const *blocks; /* NULL-terminated */
    const struct rule *rows;
};

/* All rules, in the order in which they are asked: specific before generic. */
struct catalogue {
    const struct rule **rules; /* NULL-terminated */
    unsigned count;
};
/* lists: NULL-terminated. */
const struct catalogue *catalogue_new(wmem_allocator_t *scope,
                                      const struct rule_list *const *lists);
/* NULL: no such id. */
const struct rule *catalogue_find(const struct catalogue *catalogue, const char *id);

/* ---- findings ---- */

/* A request that stayed without an answer; it may have been answered since. */
struct silent {
    struct exchange *exchange;
    struct silent *next, *previous; /* previous of the first one: the last one */
};

struct finding {
    const struct rule *rule;
    struct connection *connection;
    struct exchange *exchange; /* NULL = none */
    enum severity severity;    /* may be another than the rule's */
    enum confidence confidence;
    struct sighting about; /* the message that it is about */
    struct sighting
        completed;        /* the frame that completed the proof; frame 0: the silence itself did */
    struct sighting last; /* the last repeat */
    uint32_t related;     /* frame of one more message worth a link; 0 = none */
    uint32_t count;       /* 1, or more where repeats were rolled up */
    const char *subject;
    const char *user; /* whose failure it is; NULL = not known by this finding */
    const char *cause, *next_step;
    struct evidence *evidence; /* to be shown: finding_evidence() */
    struct silent *silent;     /* the requests whose silence it tells of, in order; NULL = none */
    bool root_cause;
    bool withdrawn;                  /* superseded or overcome: not shown */
    bool of_user;                    /* it is somebody's, not the server's with all its clients */
    bool of_kdc;                     /* rests on what a KDC said or did not say */
    struct finding *next, *previous; /* of the connection, in order */
};

/* The first of the connection's findings, withdrawn ones included; NULL = none. */
struct finding *connection_first_finding(const struct connection *connection);
/* What explains the connection's failure; NULL = nothing. */
const struct finding *connection_root_cause(const struct connection *connection);
/* The connection's first finding of that rule that is not withdrawn; NULL = none. */
struct finding *connection_finding(const struct connection *connection, const struct rule *rule);

/* Whether an error or warning of a rule that is not a fallback or symptom already explains the
 * exchange. */
bool exchange_explained(const struct exchange *exchange);
/* Whether that rule told of the exchange. */
bool exchange_told_by(const struct exchange *exchange, const struct rule *rule);
/* Whether there is an error about the exchange, of whatever rule. exchange: may be NULL. */
bool exchange_has_error(const struct exchange *exchange);

/* In the language chosen: the finding in one line of under 100 characters, with this capture's
 * values: `No share "dcos" on files`. In the rule it holds tokens in braces, see headline.c. Never
 * NULL. */
const char *finding_headline(const struct finding *finding, wmem_allocator_t *scope);

/* The finding's causes, one per line, the likeliest first. In the rule, causes and next steps hold
 * tokens in the place of this capture's values, see advice.c. Never NULL. */
const char *finding_cause(const struct finding *finding, wmem_allocator_t *scope);
/* The finding's next steps; of a note beside an error about the same exchange only a reference to
 * that, for there is one work list. */
const char *finding_next_step(const struct finding *finding, wmem_allocator_t *scope);

/* The finding's evidence; behind it, of a failure, what succeeded elsewhere in the capture as far
 * as that was read, see others.c. Lasts as long as the scope. */
struct evidence_list finding_evidence(const struct finding *finding, wmem_allocator_t *scope);

/* What a finding is about, in a word. */
enum finding_value {
    VALUE_SERVER, /* the name that the client uses, else the server's own, else its address */
    VALUE_USER,
    VALUE_MECHANISM,
    VALUE_SERVICE, /* "cifs/files.lab.example" */
    VALUE_SHARE,
    VALUE_STATUS, /* "STATUS_ACCESS_DENIED"; a success is none */
};
/* NULL: the capture does not show it, or it has nothing to do with the finding. */
const char *finding_value(const struct finding *finding, enum finding_value value,
                          wmem_allocator_t *scope);

/* What hangs on one frame. */
enum note_kind {
    NOTE_ABOUT,     /* the finding is about this message */
    NOTE_COMPLETES, /* this frame completed the proof of a finding about an earlier message */
    NOTE_REPEATS,   /* the same fault again */

    /* A frame beside the message that shows what an error or warning rests on. */
    NOTE_IS_EVIDENCE,

    /* The same proof completed again: whoever reads once has been told of the finding. */
    NOTE_COMPLETES_TOLD,
    /* For who reads once, and for nobody else: a frame that has nothing to do with the finding but
     * its time, and so tells of a silence; one that shows an earlier message to be a repeat; an
     * answer that takes a silence back. */
    NOTE_TELLS,
    NOTE_TELLS_REPEAT,
    NOTE_TAKES_BACK,
};
struct note {
    struct finding *finding;
    struct note *next; /* note_next(); of the frame's last one: the first */
    uint32_t message;  /* the frame of the message that it is about, as far as was known then */
    int item : 24;     /* n-th SMB2 message of the frame, or NO_ITEM */
    unsigned kind : 7; /* enum note_kind */
    unsigned is_last : 1;
};
/* NULL: it is the frame's last one. */
static inline const struct note *note_next(const struct note *note)
{
    return note->is_last ? NULL : note->next;
}

/* ---- the engine ---- */

/* What is costly to find out and the same for all predicates that an event asks. */
struct scene_memory {
    bool kdc_known;
    struct kdc_failure kdc;
};

struct engine_settings {
    struct settings model;
    bool chat;             /* make findings of severity CHAT */
    const char *rules_off; /* ids to leave out, separated by commas or blanks; NULL or "" = none */
};

/* The words of rules_off that are no ids, in quotes; "" = none. */
const char *rules_off_unknown(const struct catalogue *catalogue, const char *rules_off,
                              wmem_allocator_t *scope);

struct engine;

/* An engine with a model of its own, that listens to it. */
struct engine *engine_new(wmem_allocator_t *scope, const struct engine_settings *settings,
                          const struct catalogue *catalogue);
struct model *engine_model(const struct engine *engine);
/* What was found about the frame's messages so far, in order; NULL = nothing. O(1). */
const struct note *engine_notes(const struct engine *engine, uint32_t frame);

#endif
