/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the client does next is evidence of what it received: a request that goes on from an answer
 * that was not seen shows that the capture lacks the answer. TCP mostly shows that as well, by its
 * acknowledgements; this serves where its headers cannot be read or do not tell.
 */
#include "state.h"

#define EXCHANGES_LOOKED_AT 16 /* a set-up has few requests in flight */

/* What is told of the message that may go on from an answer. Ids: 0 = none. */
struct step {
    const struct connection *connection;
    uint32_t frame;
    uint16_t command;
    uint64_t message_id, session_id;
    uint32_t tree_id;
    bool encrypted;
};

/* A client asks for nothing but NEGOTIATE until that is answered ([MS-SMB2] 3.2.4.2.2). */
static bool goes_on_from_negotiate(const struct exchange *open, const struct step *step)
{
    return step->encrypted || (step->command == SMB2_NEGOTIATE
                                   ? open->command == SMB1_NEGOTIATE
                                   : step->command != SMB2_CANCEL && step->command != SMB2_ECHO);
}

/* The first answer gives the session its id; until the last one, only SESSION_SETUP uses it, and
 * one after the other ([MS-SMB2] 3.2.5.3). LOGOFF may give up. */
static bool goes_on_from_session_setup(const struct exchange *open, const struct step *step)
{
    if (!step->session_id || exchange_is_binding(open) || step->message_id == open->message_id)
        return false;
    if (!open->request_session_id)
        return !session_find(step->connection, step->session_id);
    return step->session_id == open->request_session_id && step->command != SMB2_LOGOFF &&
           open->session && open->session->state == SESSION_IN_PROGRESS;
}

/* Other requests carry no tree id, or whatever was left in the field. Trees of a session with more
 * channels may have been connected on another one. */
static bool goes_on_from_tree_connect(const struct exchange *open, const struct step *step)
{
    return step->tree_id && step->session_id == open->request_session_id && open->session &&
           open->session->connection == step->connection && !open->session->channel &&
           !tree_find(step->connection, step->tree_id);
}

static bool goes_on_from(const struct exchange *open, const struct step *step)
{
    if (open->request.frame == step->frame)
        return false;
    switch (open->command) {
    case SMB1_NEGOTIATE:
    case SMB2_NEGOTIATE:
        return goes_on_from_negotiate(open, step);
    case SMB2_SESSION_SETUP:
        return goes_on_from_session_setup(open, step);
    case SMB2_TREE_CONNECT:
        return goes_on_from_tree_connect(open, step);
    default:
        return false;
    }
}

static bool goes_on_from_any(const struct step *step)
{
    const struct exchange *at = step->connection->first_open;

    for (unsigned i = 0; at && i < EXCHANGES_LOOKED_AT; i++, at = at->next_open)
        if (goes_on_from(at, step))
            return true;
    return false;
}

static void note_step(struct connection *connection, const struct frame *frame,
                      const struct step *step)
{
    const struct sighting seen = frame_sighting(frame, NO_ITEM);

    /* Where TCP shows a hole, it will show as well whether what fills it is only late. */
    if (!connection->gap.frame && !connection->sides[SERVER].hole && goes_on_from_any(step))
        connection_mark_gap(connection, SERVER, &seen, frame);
}

static bool is_on_tree(const struct smb2_header *header)
{
    switch (header->command) {
    case SMB2_NEGOTIATE:
    case SMB2_SESSION_SETUP:
    case SMB2_LOGOFF:
    case SMB2_TREE_CONNECT:
    case SMB2_CANCEL:
    case SMB2_ECHO:
        return false;
    default:
        return true;
    }
}

void missed_on_request(struct connection *connection, const struct frame *frame,
                       const struct message *message)
{
    const struct smb2_header *header = &message->header;
    const struct step step = {
        .connection = connection,
        .frame = frame->number,
        .command = header->command,
        .message_id = header->message_id,
        .session_id = header->session_id,
        .tree_id = is_on_tree(header) ? header->tree_id : 0,
    };

    /* Related requests of a compound take their ids from the one before ([MS-SMB2] 3.2.4.1.4);
     * CANCEL repeats those of the request that it is about. */
    if (!(header->flags & SMB2_FLAGS_RELATED_OPERATIONS) && header->command != SMB2_CANCEL)
        note_step(connection, frame, &step);
}

void missed_on_transform(struct connection *connection, const struct frame *frame,
                         const struct smb2_transform *transform)
{
    const struct step step = {
        .connection = connection,
        .frame = frame->number,
        .session_id = transform->session_id,
        .encrypted = true,
    };

    note_step(connection, frame, &step);
}
