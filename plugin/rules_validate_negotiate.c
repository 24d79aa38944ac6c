/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "catalogue.h"

const struct rule *const validate_negotiate_rules[] = {NULL};
