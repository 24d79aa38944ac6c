/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * validate_negotiate, part one: what NEGOTIATE said against what FSCTL_VALIDATE_NEGOTIATE_INFO says.
 * [MS-SMB2] 3.3.5.15.12 (server), 3.2.5.14.12 (client).
 *
 * The reference is the NEGOTIATE that settled the dialect. After an SMB1 multi-protocol negotiate that settled 2.0.2 at
 * once there is no SMB2 request to compare with; after 0x02FF it is the second one.
 */
#include "rules_validate_negotiate.h"

#include <string.h>

#define REQUEST_CAUSE \
    "Captured near the server: consistent with a box on the way, such as a WAN accelerator, that altered " \
    "the NEGOTIATE request\n" \
    "Captured near the client: the client says one thing in NEGOTIATE and another in validate-negotiate"
#define RESPONSE_CAUSE \
    "Captured near the client: consistent with a box on the way, such as a WAN accelerator, that altered " \
    "the NEGOTIATE response\n" \
    "Captured near the server: the server says one thing in NEGOTIATE and another in validate-negotiate"

bool is_validation(const struct exchange *exchange)
{
    return exchange && exchange->ioctl_code == FSCTL_VALIDATE_NEGOTIATE_INFO &&
           !session_is_guest(exchange->session) && !session_is_anonymous(exchange->session);
}

/* ---- the client's values ---- */

static const struct validate_request *validated_request(const struct scene *scene)
{
    const struct validate_request *request = scene->exchange ? scene->exchange->validate_request : NULL;

    return request && request->known ? request : NULL;
}

static const struct negotiate_request *offered(const struct scene *scene)
{
    const struct exchange *agreed = scene->connection->agreed;

    return agreed ? agreed->negotiate_request : NULL;
}

/* A server that sees a difference hangs up, refuses or says nothing. Where its answer may just be missing in the
 * capture, nobody knows. */
static bool was_refused(const struct scene *scene)
{
    if (scene->event == ON_RESPONSE)
        return scene->exchange->status != STATUS_SUCCESS;
    return connection_absence_is_proof(scene->connection);
}

static void judge_outcome(const struct scene *scene, struct proof *proof)
{
    proof->about = scene->exchange->request;
    if (!was_refused(scene))
        proof->severity = WARNING;
}

/* When the connection closes, what was answered has been compared already. */
static bool comparable_request(const struct scene *scene)
{
    if (!validated_request(scene) || !offered(scene))
        return false;
    return scene->event == ON_RESPONSE || exchange_is_open(scene->exchange);
}

static void prove_request(const struct scene *scene, struct proof *proof, const char *label,
                          const char *negotiated, const char *validated)
{
    proof_difference(proof, label, negotiated, &scene->connection->agreed->request, validated,
                     &scene->exchange->request);
    proof->related = scene->connection->agreed->request;
    judge_outcome(scene, proof);
}

#define REQUEST_EVENTS (ON_RESPONSE | ON_CLOSE | ON_SILENCE)

/* ---- validate_negotiate.req_capabilities ---- */

static bool match_req_capabilities(const struct scene *scene, struct proof *proof)
{
    const struct negotiate_request *negotiate = offered(scene);
    const struct validate_request *validate = validated_request(scene);

    if (!comparable_request(scene) || negotiate->capabilities == validate->capabilities)
        return false;
    prove_request(scene, proof, "Capabilities", capabilities_text(negotiate->capabilities, proof->scope),
                  capabilities_text(validate->capabilities, proof->scope));
    return true;
}

static const struct rule req_capabilities = {
    .id = "validate_negotiate.req_capabilities",
    .severity = ERROR,
    .group = SECURITY,
    .confidence = CERTAIN,
    .events = REQUEST_EVENTS,
    .command = SMB2_IOCTL,
    .match = match_req_capabilities,
    .summary = "The client's capabilities in NEGOTIATE are not the ones that it validates",
    .cause = REQUEST_CAUSE,
    .next_step = ALTERED_NEXT_STEP,
    .reference = "[MS-SMB2] 3.3.5.15.12 Handling a Validate Negotiate Info Request",
};

/* ---- validate_negotiate.req_guid ---- */

static bool match_req_guid(const struct scene *scene, struct proof *proof)
{
    const struct negotiate_request *negotiate = offered(scene);
    const struct validate_request *validate = validated_request(scene);

    if (!comparable_request(scene) ||
        memcmp(negotiate->client_guid, validate->guid, sizeof validate->guid) == 0)
        return false;
    prove_request(scene, proof, "Client GUID", guid_text(negotiate->client_guid, proof->scope),
                  guid_text(validate->guid, proof->scope));
    return true;
}

static const struct rule req_guid = {
    .id = "validate_negotiate.req_guid",
    .severity = ERROR,
    .group = SECURITY,
    .confidence = CERTAIN,
    .events = REQUEST_EVENTS,
    .command = SMB2_IOCTL,
    .match = match_req_guid,
    .summary = "The client's GUID in NEGOTIATE is not the one that it validates",
    .cause = REQUEST_CAUSE,
    .next_step = ALTERED_NEXT_STEP,
    .reference = "[MS-SMB2] 3.3.5.15.12 Handling a Validate Negotiate Info Request",
};

/* ---- validate_negotiate.req_security_mode ---- */

static bool match_req_security_mode(const struct scene *scene, struct proof *proof)
{
    const struct negotiate_request *negotiate = offered(scene);
    const struct validate_request *validate = validated_request(scene);

    if (!comparable_request(scene) || negotiate->security_mode == validate->security_mode)
        return false;
    prove_request(scene, proof, "Client's security mode",
                  security_mode_text(negotiate->security_mode, proof->scope),
                  security_mode_text(validate->security_mode, proof->scope));
    return true;
}

static const struct rule req_security_mode = {
    .id = "validate_negotiate.req_security_mode",
    .severity = ERROR,
    .group = SECURITY,
    .confidence = CERTAIN,
    .events = REQUEST_EVENTS,
    .command = SMB2_IOCTL,
    .match = match_req_security_mode,
    .summary = "The client's security mode in NEGOTIATE is not the one that it validates",
    .cause = REQUEST_CAUSE,
    .next_step = ALTERED_NEXT_STEP,
    .reference = "[MS-SMB2] 3.3.5.15.12 Handling a Validate Negotiate Info Request",
};

/* ---- the dialects ---- */

static bool dialects_comparable(const struct scene *scene)
{
    return comparable_request(scene) && id_list_complete(&offered(scene)->dialects) &&
           id_list_complete(&validated_request(scene)->dialects);
}

static bool all_within(const struct id_list *part, const struct id_list *whole)
{
    for (unsigned i = 0; i < part->listed; i++)
        if (!id_list_contains(whole, part->ids[i]))
            return false;
    return true;
}

static bool dialects_differ(const struct scene *scene)
{
    const struct id_list *negotiated = &offered(scene)->dialects;
    const struct id_list *validated = &validated_request(scene)->dialects;

    return !all_within(negotiated, validated) || !all_within(validated, negotiated);
}

/* A dialect above the negotiated one that the client knows now and did not offer then. */
static bool higher_dialect_missing(const struct scene *scene)
{
    const struct id_list *validated = &validated_request(scene)->dialects;

    for (unsigned i = 0; i < validated->listed; i++)
        if (validated->ids[i] > scene->connection->dialect && validated->ids[i] != DIALECT_WILDCARD &&
            !id_list_contains(&offered(scene)->dialects, validated->ids[i]))
            return true;
    return false;
}

/* A server that lets it pass has found that the greatest common dialect is the negotiated one. */
static bool is_downgrade(const struct scene *scene)
{
    return higher_dialect_missing(scene) && was_refused(scene);
}

static void prove_dialects(const struct scene *scene, struct proof *proof)
{
    prove_request(scene, proof, "Dialects", dialects_text(&offered(scene)->dialects, proof->scope),
                  dialects_text(&validated_request(scene)->dialects, proof->scope));
    proof_value(proof, "Negotiated dialect", "%s",
                dialect_text(scene->connection->dialect, proof->scope));
}

/* ---- validate_negotiate.downgrade_evidence ---- */

static bool match_downgrade_evidence(const struct scene *scene, struct proof *proof)
{
    if (!dialects_comparable(scene) || !is_downgrade(scene))
        return false;
    prove_dialects(scene, proof);
    return true;
}

static const struct rule downgrade_evidence = {
    .id = "validate_negotiate.downgrade_evidence",
    .severity = ERROR,
    .group = SECURITY,
    .confidence = CERTAIN,
    .events = REQUEST_EVENTS,
    .command = SMB2_IOCTL,
    .match = match_downgrade_evidence,
    .summary = "The client knows higher dialects than its NEGOTIATE request offered on the wire",
    .cause = "Consistent with a box on the way that took the higher dialects out of the NEGOTIATE request: a "
             "WAN accelerator, or an attack\n"
             "Captured near the client: a Windows client (10 v1507 to v1909, Server 2016 and later) whose "
             "offer was cut down by a setting; it validates all dialects that it knows",
    .next_step = ALTERED_NEXT_STEP,
    .reference = "[MS-SMB2] 3.3.5.15.12 Handling a Validate Negotiate Info Request\n[MS-SMB2] 3.2.5.5 "
                 "Receiving an SMB2 TREE_CONNECT Response",
};

bool request_values_agree(const struct scene *scene)
{
    const struct negotiate_request *negotiate = offered(scene);
    const struct validate_request *validate = validated_request(scene);

    return negotiate && validate && negotiate->capabilities == validate->capabilities &&
           negotiate->security_mode == validate->security_mode &&
           memcmp(negotiate->client_guid, validate->guid, sizeof validate->guid) == 0 &&
           id_list_complete(&negotiate->dialects) && id_list_complete(&validate->dialects) &&
           !dialects_differ(scene);
}

/* ---- validate_negotiate.req_dialects ---- */

/* [MS-SMB2] 3.2.5.5 <192>: Windows 10 and later may list more than they offered. Where nobody minded, it is a
 * note. */
static bool match_req_dialects(const struct scene *scene, struct proof *proof)
{
    if (!dialects_comparable(scene) || !dialects_differ(scene) || is_downgrade(scene))
        return false;
    prove_dialects(scene, proof);
    if (!was_refused(scene) &&
        all_within(&offered(scene)->dialects, &validated_request(scene)->dialects)) {
        proof->severity = NOTE;
        proof->cause = "A Windows client (10 v1507 to v1909, Server 2016 and later) whose offer was cut "
                       "down by a setting; it validates all dialects that it knows\n"
                       "Consistent with a box on the way that took dialects out of the NEGOTIATE request, "
                       "without effect on the dialect chosen";
    }
    return true;
}

static const struct rule req_dialects = {
    .id = "validate_negotiate.req_dialects",
    .severity = ERROR,
    .group = SECURITY,
    .confidence = CERTAIN,
    .events = REQUEST_EVENTS,
    .command = SMB2_IOCTL,
    .match = match_req_dialects,
    .summary = "The client's dialects in NEGOTIATE are not the ones that it validates",
    .cause = REQUEST_CAUSE,
    .next_step = ALTERED_NEXT_STEP,
    .reference = "[MS-SMB2] 3.3.5.15.12 Handling a Validate Negotiate Info Request\n[MS-SMB2] 3.2.5.5 "
                 "Receiving an SMB2 TREE_CONNECT Response",
};

/* ---- the server's values ---- */

static const struct validate_response *validated_response(const struct scene *scene)
{
    const struct validate_response *response = scene->exchange->validate_response;

    return response && response->known ? response : NULL;
}

static const struct negotiate_response *chosen(const struct scene *scene)
{
    const struct exchange *agreed = scene->connection->agreed;

    return agreed ? agreed->negotiate_response : NULL;
}

static bool comparable_response(const struct scene *scene)
{
    return validated_response(scene) && chosen(scene);
}

static void prove_response(const struct scene *scene, struct proof *proof, const char *label,
                           const char *negotiated, const char *validated)
{
    proof_difference(proof, label, negotiated, &scene->connection->agreed->response, validated,
                     &scene->exchange->response);
    proof->related = scene->connection->agreed->response;
}

/* ---- validate_negotiate.rsp_capabilities ---- */

static bool match_rsp_capabilities(const struct scene *scene, struct proof *proof)
{
    const struct negotiate_response *negotiate = chosen(scene);
    const struct validate_response *validate = validated_response(scene);

    if (!comparable_response(scene) || negotiate->capabilities == validate->capabilities)
        return false;
    prove_response(scene, proof, "Capabilities",
                   capabilities_text(negotiate->capabilities, proof->scope),
                   capabilities_text(validate->capabilities, proof->scope));
    return true;
}

static const struct rule rsp_capabilities = {
    .id = "validate_negotiate.rsp_capabilities",
    .severity = ERROR,
    .group = SECURITY,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .command = SMB2_IOCTL,
    .match = match_rsp_capabilities,
    .summary = "The server's capabilities in NEGOTIATE are not the ones that it validates",
    .cause = RESPONSE_CAUSE,
    .next_step = ALTERED_NEXT_STEP,
    .reference = "[MS-SMB2] 3.2.5.14.12 Handling a Validate Negotiate Info Response",
};

/* ---- validate_negotiate.rsp_guid ---- */

static bool match_rsp_guid(const struct scene *scene, struct proof *proof)
{
    const struct negotiate_response *negotiate = chosen(scene);
    const struct validate_response *validate = validated_response(scene);

    if (!comparable_response(scene) ||
        memcmp(negotiate->server_guid, validate->guid, sizeof validate->guid) == 0)
        return false;
    prove_response(scene, proof, "Server GUID", guid_text(negotiate->server_guid, proof->scope),
                   guid_text(validate->guid, proof->scope));
    return true;
}

static const struct rule rsp_guid = {
    .id = "validate_negotiate.rsp_guid",
    .severity = ERROR,
    .group = SECURITY,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .command = SMB2_IOCTL,
    .match = match_rsp_guid,
    .summary = "The server's GUID in NEGOTIATE is not the one that it validates",
    .cause = RESPONSE_CAUSE,
    .next_step = ALTERED_NEXT_STEP,
    .reference = "[MS-SMB2] 3.2.5.14.12 Handling a Validate Negotiate Info Response",
};

/* ---- validate_negotiate.rsp_security_mode ---- */

static bool match_rsp_security_mode(const struct scene *scene, struct proof *proof)
{
    const struct negotiate_response *negotiate = chosen(scene);
    const struct validate_response *validate = validated_response(scene);

    if (!comparable_response(scene) || negotiate->security_mode == validate->security_mode)
        return false;
    prove_response(scene, proof, "Server's security mode",
                   security_mode_text(negotiate->security_mode, proof->scope),
                   security_mode_text(validate->security_mode, proof->scope));
    return true;
}

static const struct rule rsp_security_mode = {
    .id = "validate_negotiate.rsp_security_mode",
    .severity = ERROR,
    .group = SECURITY,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .command = SMB2_IOCTL,
    .match = match_rsp_security_mode,
    .summary = "The server's security mode in NEGOTIATE is not the one that it validates",
    .cause = RESPONSE_CAUSE,
    .next_step = ALTERED_NEXT_STEP,
    .reference = "[MS-SMB2] 3.2.5.14.12 Handling a Validate Negotiate Info Response",
};

/* ---- validate_negotiate.rsp_dialect ---- */

static bool match_rsp_dialect(const struct scene *scene, struct proof *proof)
{
    const struct negotiate_response *negotiate = chosen(scene);
    const struct validate_response *validate = validated_response(scene);

    if (!comparable_response(scene) || negotiate->dialect == validate->dialect)
        return false;
    prove_response(scene, proof, "Dialect", dialect_text(negotiate->dialect, proof->scope),
                   dialect_text(validate->dialect, proof->scope));
    return true;
}

static const struct rule rsp_dialect = {
    .id = "validate_negotiate.rsp_dialect",
    .severity = ERROR,
    .group = SECURITY,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .command = SMB2_IOCTL,
    .match = match_rsp_dialect,
    .summary = "The dialect in the NEGOTIATE response is not the one that the server validates",
    .cause = RESPONSE_CAUSE,
    .next_step = ALTERED_NEXT_STEP,
    .reference = "[MS-SMB2] 3.2.5.14.12 Handling a Validate Negotiate Info Response",
};

const struct rule *const validate_negotiate_rules[] = {
    &downgrade_evidence, &req_capabilities, &req_guid,          &req_security_mode, &req_dialects,
    &rsp_capabilities,   &rsp_guid,         &rsp_security_mode, &rsp_dialect,       NULL,
};
