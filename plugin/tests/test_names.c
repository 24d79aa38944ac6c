/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which names DNS gave for an address.
 */
#include "identity_test.h"

/* ---- names ---- */

static const struct address files = {.length = 4, .bytes = {192, 0, 2, FILES_HOST}};

static void test_alias_chain(void)
{
    const struct dns_response response = {
        .question = "www.lab.example",
        .count = 3,
        .answers = {alias_of("www.lab.example", "alias.lab.example"),
                    alias_of("alias.lab.example", "files.lab.example"),
                    at_address("files.lab.example", FILES_HOST)}};
    struct name_evidence names;

    begin();
    g_assert_false(identity_names(identity, &files, &names));
    dns(5, &response);
    g_assert_true(identity_names(identity, &files, &names));
    g_assert_cmpstr(names.chain, ==,
                    "www.lab.example -> alias.lab.example -> files.lab.example -> 192.0.2.30");
    g_assert_true(names.alias);
    g_assert_cmpuint(names.seen.frame, ==, frame_number);
    g_assert_true(identity_name_leads_to(identity, "ALIAS", &files, &names));
    g_assert_cmpstr(names.chain, ==, "alias.lab.example -> files.lab.example -> 192.0.2.30");
    g_assert_true(identity_name_leads_to(identity, "files.lab.example", &files, &names));
    g_assert_false(names.alias);
    g_assert_false(identity_name_leads_to(identity, "alias.other.example", &files, NULL));
    g_assert_false(identity_name_leads_to(identity, NULL, &files, NULL));
    end();
}

static void test_chain_over_two_answers(void)
{
    const struct dns_response first = {
        .question = "alias.lab.example",
        .count = 1,
        .answers = {alias_of("alias.lab.example", "files.lab.example")}};
    struct name_evidence names;

    begin();
    dns(5, &first);
    g_assert_true(identity_knows_name(identity, "alias"));
    g_assert_false(identity_name_leads_to(identity, "alias", &files, &names));
    dns_address(10, "files.lab.example", FILES_HOST);
    g_assert_true(identity_names(identity, &files, &names));
    g_assert_true(names.alias);
    g_assert_true(g_str_has_prefix(names.chain, "alias.lab.example -> "));
    dns_address(60000, "files.lab.example", FILES_HOST); /* this time it was asked for itself */
    g_assert_true(identity_names(identity, &files, &names));
    g_assert_cmpstr(names.chain, ==, "files.lab.example -> 192.0.2.30");
    g_assert_true(identity_name_leads_to(identity, "alias", &files, &names));
    end();
}

static void test_name_loop_and_ring(void)
{
    const struct dns_response loop = {
        .question = "a", .count = 2, .answers = {alias_of("a", "b"), alias_of("b", "a")}};
    struct name_evidence names;

    begin();
    dns_address(5, "a", FILES_HOST);
    for (unsigned i = 0; i < NAME_RING; i++) {
        dns(6, &loop);
        g_assert_cmpint(identity_name_leads_to(identity, "b", &files, &names), ==,
                        i < NAME_RING / 2 - 1);
    }
    end();
}

/* That a name is unknown is remembered where there are many records: until there is one more. */
static void test_learned_after_asked(void)
{
    char name[32];

    begin();
    for (unsigned i = 0; i < NAME_RING / 2; i++) {
        snprintf(name, sizeof name, "host%u.lab.example", i);
        g_assert_false(identity_knows_name(identity, name));
        g_assert_false(identity_name_leads_to(identity, name, &files, NULL));
        dns_address(5, name, FILES_HOST);
        g_assert_true(identity_knows_name(identity, name));
        g_assert_true(identity_name_leads_to(identity, name, &files, NULL));
        g_assert_false(identity_knows_name(identity, "late.lab.example"));
    }
    dns_address(5, "late.lab.example", OTHER_HOST);
    g_assert_true(identity_knows_name(identity, "late"));
    g_assert_false(identity_name_leads_to(identity, "late", &files, NULL));
    end();
}

static void test_other_address(void)
{
    struct sighting seen;

    begin();
    g_assert_null(identity_other_address(NULL, "files.lab.example", &files, &seen));
    dns_address(10, "files.lab.example", FILES_HOST);
    dns_address(20, "other.lab.example", OTHER_HOST);
    g_assert_null(identity_other_address(identity, "files.lab.example", &files, &seen));
    dns_address(30, "files.lab.example", OTHER_HOST);
    g_assert_nonnull(identity_other_address(identity, "FILES.lab.example", &files, &seen));
    g_assert_cmpuint(seen.frame, ==, frame_number);
    end();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/names/alias_chain", test_alias_chain);
    g_test_add_func("/names/chain_over_two_answers", test_chain_over_two_answers);
    g_test_add_func("/names/loop_and_ring", test_name_loop_and_ring);
    g_test_add_func("/names/learned_after_asked", test_learned_after_asked);
    g_test_add_func("/names/other_address", test_other_address);
    return g_test_run();
}
