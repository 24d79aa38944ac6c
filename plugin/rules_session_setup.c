/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "catalogue.h"

const struct rule *const session_setup_rules[] = {NULL};
