/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Owns the engine, and with it the model, of the open capture file.
 */
#include "packet-smb2diag.h"

static struct engine *engine; /* NULL = no file */
static uint32_t last_frame;

void open_file_start(const struct engine_settings *settings, const struct catalogue *catalogue)
{
    engine = engine_new(wmem_file_scope(), settings, catalogue);
    last_frame = 0;
    observe_start(engine_model(engine));
}

void open_file_end(void)
{
    engine = NULL;
}

bool open_file_exists(void)
{
    return engine != NULL;
}

const struct note *open_file_collect(packet_info *pinfo)
{
    struct model *model = engine_model(engine);
    const struct sighting now = {pinfo->num, NO_ITEM, observe_time(pinfo)};
    const bool observed = observe_frame(model, pinfo);
    const bool judged = model_settle(model, &now);

    last_frame = pinfo->num;
    return observed || judged ? engine_notes(engine, pinfo->num) : NULL;
}

const struct note *open_file_recall(const packet_info *pinfo)
{
    return engine_notes(engine, pinfo->num);
}

struct model *open_file_model(void)
{
    return engine ? engine_model(engine) : NULL;
}

uint32_t open_file_last_frame(void)
{
    return last_frame;
}
