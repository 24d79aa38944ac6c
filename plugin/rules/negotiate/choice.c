/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * negotiate: what the server chose is nothing that the client offered. [MS-SMB2] 3.2.5.2, 3.3.5.4.
 */
#include "facts.h"
#include "../lists.h"

/* ---- negotiate.choice_not_offered ---- */

struct kind {
    const char *label;
    char *(*text)(const struct id_list *list, wmem_allocator_t *scope);
};

static bool is_among(const struct id_list *chosen, const struct id_list *offered)
{
    if (!id_list_complete(offered))
        return true;
    for (unsigned i = 0; i < chosen->listed; i++)
        if (!id_list_contains(offered, chosen->ids[i]))
            return false;
    return true;
}

/* 2.2.4.1.2, 3.3.5.4: a cipher or compression of 0 says that there is none in common. */
static bool is_none(const struct id_list *chosen)
{
    return chosen->listed == 1 && chosen->ids[0] == 0;
}

static bool was_not_offered(const struct scene *scene, struct proof *proof, const struct kind *kind,
                            const struct id_list *offered, const struct id_list *chosen)
{
    const struct exchange *exchange = scene->exchange;

    if (is_among(chosen, offered))
        return false;
    proof_difference(proof, kind->label, kind->text(offered, proof->scope), &exchange->request,
                     kind->text(chosen, proof->scope), &exchange->response);
    return true;
}

/* 3.3.5.4: a server that has none of the client's signing algorithms answers AES-CMAC. 3.1.4.1: it
 * is also used where the server answers nothing. */
#define AES_CMAC 1

static bool falls_back_to_cmac(const struct negotiate_contexts *answer)
{
    return answer->signing_contexts == 0 || (answer->signing_algorithms.listed == 1 &&
                                             answer->signing_algorithms.ids[0] == AES_CMAC);
}

static bool algorithm_was_not_offered(const struct scene *scene, struct proof *proof,
                                      const struct negotiate_contexts *offer,
                                      const struct negotiate_contexts *answer)
{
    static const struct kind cipher = {"Ciphers offered, and the one chosen", ciphers_text};
    static const struct kind signing = {"Signing algorithms offered, and the one chosen",
                                        signing_algorithms_text};
    static const struct kind hash = {"Hashes offered, and the one chosen", hashes_text};
    static const struct kind compression = {"Compressions offered, and those chosen",
                                            compressions_text};
    bool found;

    if (!offer->known || !answer->known)
        return false;
    found = was_not_offered(scene, proof, &hash, &offer->hashes, &answer->hashes);
    if (!is_none(&answer->ciphers))
        found |= was_not_offered(scene, proof, &cipher, &offer->ciphers, &answer->ciphers);
    if (!is_none(&answer->compressions))
        found |= was_not_offered(scene, proof, &compression, &offer->compressions,
                                 &answer->compressions);
    if (!falls_back_to_cmac(answer))
        found |= was_not_offered(scene, proof, &signing, &offer->signing_algorithms,
                                 &answer->signing_algorithms);
    return found;
}

static bool match_choice_not_offered(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;
    const struct negotiate_request *request = negotiate_request_of(exchange->asked);
    const struct negotiate_response *response = agreed_response(scene);

    if (!request || !response)
        return false;
    if (!response_is_to_be_told(scene, proof))
        return false;
    if (!dialect_was_not_offered(exchange, response))
        return algorithm_was_not_offered(scene, proof, &request->contexts, &response->contexts);
    proof_difference(proof, "Dialects offered, and the one chosen",
                     dialects_text(&request->dialects, proof->scope), &exchange->request,
                     dialect_text(response->dialect, proof->scope), &exchange->response);
    return true;
}

/* An error where the client leaves, as it has to; some do not mind. */
static const struct rule choice_not_offered = {
    .id = "negotiate.choice_not_offered",
    .severity = ERROR,
    .weighs = AS_WARNING,
    .confidence = CERTAIN,
    .events = ON_RESPONSE | ON_CLOSE,
    .commands = FOR_NEGOTIATE,
    .match = match_choice_not_offered,
    .summary = "The server chose what the client did not offer; the client has to close",
    .headline =
        "{server} chose SMB {=Dialects offered, and the one chosen/2}, which {client} did not "
        "offer|{server} chose {=Ciphers offered, and the one chosen/2}, which {client} did "
        "not offer|{server} chose {=Signing algorithms offered, and the one chosen/2}, "
        "which {client} did not offer|{server} chose the hash {=Hashes offered, and the one "
        "chosen/2}, which {client} did not offer|{server} chose compressions that {client} did "
        "not offer: {=Compressions offered, and those chosen/2}",
    .cause = "The server's SMB software is at fault: it answers with a fixed dialect, cipher or "
             "other algorithm\n"
             "Consistent with a box on the way that altered NEGOTIATE",
    .next_step = "Update the server's SMB software or firmware\n"
                 "Capture on both sides and compare the NEGOTIATE messages: where they differ, the "
                 "box in between altered them\n"
                 "Let the client offer what the server chose: client min protocol and client smb3 "
                 "signing algorithms on Samba, vers= with mount.cifs",
    .reference = "[MS-SMB2] 3.2.5.2 Receiving an SMB2 NEGOTIATE Response\n"
                 "[MS-SMB2] 3.3.5.4 Receiving an SMB2 NEGOTIATE Request",
};

/* ---- negotiate.no_common_signing ---- */

static bool has_no_common_signing(const struct negotiate_contexts *offer,
                                  const struct negotiate_contexts *answer)
{
    return offer->known && answer->known && offer->signing_contexts &&
           id_list_complete(&offer->signing_algorithms) &&
           !id_list_contains(&offer->signing_algorithms, AES_CMAC) && falls_back_to_cmac(answer);
}

static bool match_no_common_signing(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;
    const struct negotiate_request *request = negotiate_request_of(exchange->asked);
    const struct negotiate_response *response = agreed_response(scene);

    if (!request || !response || !has_no_common_signing(&request->contexts, &response->contexts) ||
        !response_is_to_be_told(scene, proof))
        return false;
    proof_value_in(proof, &exchange->request, "Signing algorithms offered", "%s",
                   signing_algorithms_text(&request->contexts.signing_algorithms, proof->scope));
    if (response->contexts.signing_contexts)
        proof_value_in(proof, &exchange->response, "Signing algorithm that is left", "%s",
                       "AES-CMAC");
    else
        proof_words_in(proof, &exchange->response, "Signing algorithm that is left",
                       "AES-CMAC, for the response names none");
    return true;
}

static const struct rule no_common_signing = {
    .id = "negotiate.no_common_signing",
    .severity = ERROR,
    .weighs = AS_WARNING,
    .confidence = CERTAIN,
    .events = ON_RESPONSE | ON_CLOSE,
    .commands = FOR_NEGOTIATE,
    .match = match_no_common_signing,
    .summary =
        "Client and server have no signing algorithm in common, and AES-CMAC was not offered",
    .headline = "{server} has none of the signing algorithms {=Signing algorithms offered}",
    .cause = "The lists of signing algorithms of client and server were cut down to different "
             "ones\n"
             "The server is too old for what the client insists on: AES-GMAC came with Windows 11 "
             "and Windows Server 2022, and with Samba 4.15",
    .next_step = "On Samba: testparm -sv | grep 'smb3 signing algorithms', on client and server\n"
                 "Let the client offer AES-CMAC as well: client smb3 signing algorithms = "
                 "AES-128-GMAC, AES-128-CMAC",
    .reference = "[MS-SMB2] 3.3.5.4 Receiving an SMB2 NEGOTIATE Request\n"
                 "[MS-SMB2] 3.1.4.1 Signing An Outgoing Message",
};

const struct rule_list negotiate_choice_rules = {
    .blocks = (const struct rule *const[]){&choice_not_offered, &no_common_signing, NULL},
};
