/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Rules and what they find. A rule is one block in one file: its predicate above its texts. It looks at the
 * scene, fills in a proof (evidence as values, never as sentences), and says whether it applies. The engine
 * makes the finding, adds the evidence that every finding has, decides what it supersedes and whether
 * it is the root cause.
 */
#ifndef SMB2DIAG_RULE_H
#define SMB2DIAG_RULE_H

#include "connection.h"
#include "status.h"

enum severity { CHAT, NOTE, WARNING, ERROR };
enum confidence { POSSIBLE, LIKELY, CERTAIN };
enum group { SEQUENCE, RESPONSE_CODE, SECURITY, PROTOCOL, ASSUMPTION };

const char *severity_name(enum severity severity);
const char *confidence_name(enum confidence confidence);

/* ---- when rules are asked ---- */

enum event {
    ON_REQUEST = 1 << 0,  /* a tracked request was seen; scene->exchange */
    ON_INTERIM = 1 << 1,  /* its first STATUS_PENDING was seen */
    ON_RESPONSE = 1 << 2, /* its final response was seen (orphan responses too: request.frame is 0) */
    ON_CLOSE = 1 << 3,    /* the connection closed: asked once for each exchange still open (scene->exchange),
                             or, with none open, once for the last exchange (answered) */
    ON_SILENCE = 1 << 4,  /* the exchange has been open for the settings' silence, and the connection still is */
    ON_OTHER_REQUEST = 1 << 5,  /* the first request outside the set-up on a connection or tree; scene->header */
    ON_OTHER_REFUSAL = 1 << 6,  /* an error response outside the set-up that says ACCESS_DENIED,
                                   USER_SESSION_DELETED or NETWORK_NAME_DELETED; scene->header */
    ON_TRANSFORM = 1 << 7,      /* the first encrypted message of a session on a connection; scene->transform */
    ON_START = 1 << 8,    /* the first message of a connection, after it was recorded; exchange may be NULL */
    ON_GAP = 1 << 9,      /* bytes of the connection are missing for good, or a set-up message was cut short */
    ON_LIMIT = 1 << 10,   /* the first request that is not followed: the connection has too many (settings->limit) */
};

#define EVENTS 11 /* one for each bit of enum event */
#define ANY_COMMAND 0xffff

/* What is costly to find out and the same for all predicates that an event asks. */
struct scene_memory {
    bool kdc_known;
    struct kdc_exchange *kdc; /* NULL = none */
};

struct scene {
    struct model *model;
    enum event event;
    struct connection *connection;
    struct exchange *exchange; /* see enum event; may be NULL for the last six */
    struct session *session;   /* the exchange's, or the message's; NULL = unknown */
    struct tree *tree;         /* likewise */
    const struct smb2_header *header;       /* ON_OTHER_* */
    const struct smb2_transform *transform; /* ON_TRANSFORM */
    bool encrypted; /* ON_OTHER_*: the message was */
    bool is_signed; /* ON_OTHER_*: the message was signed */
    struct sighting now; /* the message or frame that raised the event; ON_SILENCE: frame 0, only a time */
    struct scene_memory *memory; /* of this event; NULL = none */
};

/* ---- evidence ---- */

enum evidence_kind {
    EVIDENCE_FRAME,      /* label, frame[0] */
    EVIDENCE_VALUE,      /* label, value[0], frame[0] (0 = none) */
    EVIDENCE_DIFFERENCE, /* label, value[0] in frame[0], value[1] in frame[1] */
    EVIDENCE_INTERVAL,   /* label, nanoseconds */
    EVIDENCE_CAVEAT,     /* label only: what lowers the confidence */
};
struct evidence {
    struct evidence *next;
    const char *label;
    union {
        const char *value[2];
        int64_t interval;
    };
    uint32_t frame[2];
    enum evidence_kind kind;
};
struct evidence_list { /* in the order in which it is shown; both NULL: empty */
    struct evidence *first, *last;
};

struct rule;

struct proof { /* filled with the rule's defaults before the predicate is asked */
    wmem_allocator_t *scope;
    const struct rule *rule;  /* the one that is asked: predicates may serve several */
    enum severity severity;
    enum confidence confidence;
    struct sighting about;    /* the message that the finding hangs on. Default: ON_RESPONSE the response, ON_REQUEST
                                 the request, ON_INTERIM the interim; ON_CLOSE, ON_SILENCE the request if open,
                                 else the response; the others: now */
    struct sighting related;  /* one more message worth a link; frame 0 = none */
    const char *subject;      /* what repeats of the same fault have in common besides rule and connection, e.g. the
                                 share's path; "" by default: every fault of that rule on the connection rolls up.
                                 Strings are compared. */
    const char *cause;        /* instead of the rule's; NULL = the rule's */
    const char *next_step;    /* likewise */
    struct evidence_list evidence;
};

/* Labels and formats are constant strings; values are copied. */
void proof_frame(struct proof *proof, const char *label, const struct sighting *sighting);
void proof_value(struct proof *proof, const char *label, const char *format, ...) G_GNUC_PRINTF(3, 4);
void proof_value_in(struct proof *proof, const struct sighting *where, const char *label,
                    const char *format, ...) G_GNUC_PRINTF(4, 5);
void proof_difference(struct proof *proof, const char *label, const char *left,
                      const struct sighting *left_in, const char *right,
                      const struct sighting *right_in);
void proof_interval(struct proof *proof, const char *label, int64_t nanoseconds);
void proof_caveat(struct proof *proof, const char *label);

/* One line for a reader, e.g. "Capabilities: 0x00000047 in frame 4, 0x00000007 in frame 12". */
const char *evidence_text(const struct evidence *evidence, wmem_allocator_t *scope);

/* ---- rules ---- */

struct rule {
    const char *id; /* family.what_is_wrong */
    enum severity severity;
    enum group group;
    enum confidence confidence;
    unsigned events;  /* set of enum event */
    uint16_t command; /* only exchanges of this command; ANY_COMMAND: all, and events without one */
    const uint32_t *statuses; /* ON_RESPONSE only with one of these, 0-terminated; NULL = any status */
    bool (*match)(const struct scene *scene, struct proof *proof); /* NULL: statuses alone decide */
    const int *kerberos_errors; /* the error codes that a kerberos rule stands for, 0-terminated; else NULL */
    bool absence;  /* claims that something did not happen: silent unless connection_absence_is_proof() */
    bool fallback; /* only where no error or warning of another rule explains the exchange; one that comes later
                      supersedes it */
    bool symptom;  /* tells what happened, not why: root cause only while nothing else is */
    const char *summary;   /* one constant sentence, under 100 characters, no full stop; the expert info's text */
    const char *cause;     /* likely causes, ranked, one per line */
    const char *next_step; /* what to check or run, one per line, commands exact */
    const char *reference; /* "[MS-SMB2] 3.3.5.7", one per line */
};

/* ---- findings ---- */

struct finding {
    const struct rule *rule;
    struct connection *connection;
    struct exchange *exchange; /* NULL = none */
    enum severity severity;    /* may be lower than the rule's */
    enum confidence confidence;
    struct sighting about;     /* the message that it is about */
    struct sighting completed; /* the frame that completed the proof; frame 0: the silence itself did */
    struct sighting related;
    const char *subject;
    const char *cause, *next_step;
    struct evidence_list evidence;
    uint32_t count;        /* 1, or more where repeats were rolled up */
    struct sighting last;  /* the last repeat */
    bool root_cause;
    bool withdrawn;        /* superseded or overcome: not shown */
};

/* What hangs on one frame: model_notes(). */
enum note_kind {
    NOTE_ABOUT,     /* the finding is about this message */
    NOTE_COMPLETES, /* this frame completed the proof of a finding about an earlier message */
    NOTE_REPEATS,   /* the same fault again */
};
struct note {
    enum note_kind kind;
    struct finding *finding;
    int item; /* n-th SMB2 message of the frame, or NO_ITEM */
    struct note *next;
};

/* ---- the engine ---- */

/* Asks every rule that listens to the scene's event; for model code only. */
void evaluate(const struct scene *scene);

/* Takes back what was said about an exchange because of its silence: an answer came after all. */
void evaluate_withdraw_silence(struct exchange *exchange);

/* A set-up on the connection succeeded as far as this exchange: what failed on the same pair of hosts in the last
 * five seconds for the same user or share was overcome, and becomes a note. */
void evaluate_recovered(struct exchange *success);

/* Whether an error or warning of a rule that is not a fallback or symptom already explains the exchange. */
bool exchange_explained(const struct exchange *exchange);
/* The connection has a finding of that rule (not withdrawn); NULL = none. */
struct finding *connection_finding(const struct connection *connection, const char *id);

#endif
