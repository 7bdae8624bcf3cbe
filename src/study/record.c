#include "study/record.h"

#include "base/number.h"
#include "net/cell.h"

/* --- axes -------------------------------------------------------------------------------- */

static const struct {
    const char *name, *units, *description;
} axes[CCRNN_AXIS_COUNT] = {
    [CCRNN_AXIS_EPOCH] = {"epoch", "epochs", "Epochs of learning before the recording."},
    [CCRNN_AXIS_TRIAL] = {"trial", "1", "Number of the validation trial."},
    [CCRNN_AXIS_STEP] = {"step", "steps", "Step of the trial, from 0."},
    [CCRNN_AXIS_MOMENT] = {"moment", "steps",
                           "Steps of the trial that are over: 0 is before the first."},
    [CCRNN_AXIS_BOUNDARY] = {"boundary", "steps",
                             "Where segments begin, and the end: steps that are over."},
    [CCRNN_AXIS_SEGMENT] = {"segment", "steps",
                            "Where each segment begins: steps that are over."},
    [CCRNN_AXIS_INPUT] = {"input", "1", "Input of the cortex."},
    [CCRNN_AXIS_OUTPUT] = {"output", "1", "Output of the readout: x and y, or one a class."},
    [CCRNN_AXIS_UNIT] = {"unit", "1",
                         "Number of the cortical state: LSTM h of all units, then c; else h."},
    [CCRNN_AXIS_GATE] =
        {"gate", "1",
         "Gate of a unit, all units of a gate after each other: LSTM i, f, g, o; GRU "
         "r, z, n and the recurrent product that r multiplies; tanh h."},
    [CCRNN_AXIS_GRANULE] = {"granule", "1", "Granule unit of the layer."},
};

const char *ccrnn_record_axis_name(enum ccrnn_record_axis axis)
{
    return axes[axis].name;
}

const char *ccrnn_record_axis_units(enum ccrnn_record_axis axis)
{
    return axes[axis].units;
}

const char *ccrnn_record_axis_description(enum ccrnn_record_axis axis)
{
    return axes[axis].description;
}

static size_t segments_of(const struct ccrnn_network_config *network)
{
    return (network->steps + network->horizon - 1) / network->horizon;
}

size_t ccrnn_record_axis_size(const struct ccrnn_run_config *config, enum ccrnn_record_axis axis)
{
    const struct ccrnn_network_config *const network = &config->network;
    const struct ccrnn_cell_operations *const cell = ccrnn_cell_operations(network->cell);
    switch (axis) {
    case CCRNN_AXIS_TRIAL:
        return (size_t)config->record.trials;
    case CCRNN_AXIS_STEP:
        return network->steps;
    case CCRNN_AXIS_MOMENT:
        return network->steps + 1;
    case CCRNN_AXIS_BOUNDARY:
        return segments_of(network) + 1;
    case CCRNN_AXIS_SEGMENT:
        return segments_of(network);
    case CCRNN_AXIS_INPUT:
        return network->inputs;
    case CCRNN_AXIS_OUTPUT:
        return network->outputs;
    case CCRNN_AXIS_UNIT:
        return cell->state_parts * network->hidden;
    case CCRNN_AXIS_GATE:
        return cell->gate_parts * network->hidden;
    case CCRNN_AXIS_GRANULE:
        return network->granule_units;
    case CCRNN_AXIS_EPOCH:
    case CCRNN_AXIS_COUNT:
    default:
        return 1;
    }
}

int64_t ccrnn_record_axis_value(const struct ccrnn_run_config *config,
                                enum ccrnn_record_axis axis, size_t index)
{
    size_t value = index;
    if (axis == CCRNN_AXIS_BOUNDARY || axis == CCRNN_AXIS_SEGMENT)
        value = index * config->network.horizon;
    if (axis == CCRNN_AXIS_BOUNDARY && value > config->network.steps)
        value = config->network.steps;
    return (int64_t)value;
}

/* --- arrays ------------------------------------------------------------------------------ */

#define OF_STATE "loss / unit of state"

/* In the order of the file. Units of NULL depend on the task. */
static const struct ccrnn_record_array rows[] = {
    {.name = "inputs",
     .units = "1",
     .description = "What the cortex is given.",
     .quantity = CCRNN_RECORD_INPUTS,
     .time = CCRNN_AXIS_STEP,
     .of = CCRNN_AXIS_INPUT},
    {.name = "desired",
     .units = "length units",
     .description = "Where the drawing should be.",
     .quantity = CCRNN_RECORD_OUTPUTS,
     .time = CCRNN_AXIS_STEP,
     .of = CCRNN_AXIS_OUTPUT},
    {.name = "outputs",
     .description = "What the readout says after each step.",
     .quantity = CCRNN_RECORD_OUTPUTS,
     .time = CCRNN_AXIS_STEP,
     .of = CCRNN_AXIS_OUTPUT,
     .of_epochs = true},
    {.name = "states",
     .units = "1",
     .description = "State of the cortex before each step, and at the end.",
     .quantity = CCRNN_RECORD_STATES,
     .time = CCRNN_AXIS_MOMENT,
     .of = CCRNN_AXIS_UNIT,
     .of_epochs = true},
    {.name = "gates",
     .units = "1",
     .description = "Gates of the cortex at each step, after their nonlinearities.",
     .quantity = CCRNN_RECORD_GATES,
     .time = CCRNN_AXIS_STEP,
     .of = CCRNN_AXIS_GATE,
     .of_epochs = true},
    {.name = "granules",
     .units = "1",
     .description = "Activity of a granule layer that sees the state at each boundary.",
     .quantity = CCRNN_RECORD_GRANULES,
     .time = CCRNN_AXIS_BOUNDARY,
     .of = CCRNN_AXIS_GRANULE,
     .of_epochs = true},
    {.name = "feedback",
     .units = OF_STATE,
     .description =
         "Feedback that the cerebellum predicts at each boundary, before it is scaled.",
     .quantity = CCRNN_RECORD_FEEDBACK,
     .time = CCRNN_AXIS_BOUNDARY,
     .of = CCRNN_AXIS_UNIT,
     .of_epochs = true},
    {.name = "target",
     .units = OF_STATE,
     .description = "What the cerebellum is to predict where each segment begins.",
     .quantity = CCRNN_RECORD_TARGET,
     .time = CCRNN_AXIS_SEGMENT,
     .of = CCRNN_AXIS_UNIT,
     .of_epochs = true},
    {.name = "truth",
     .units = OF_STATE,
     .description = "The gradient of the loss of all that is still to come, by full "
                    "backpropagation, with respect to each state.",
     .quantity = CCRNN_RECORD_TRUTH,
     .time = CCRNN_AXIS_MOMENT,
     .of = CCRNN_AXIS_UNIT,
     .of_epochs = true},
    {.name = "losses",
     .description = "Loss of each step; NaN where there is no target.",
     .quantity = CCRNN_RECORD_LOSSES,
     .time = CCRNN_AXIS_STEP,
     .of = CCRNN_AXIS_COUNT,
     .of_epochs = true,
     .wide = true},
};

static const char *units_of(const struct ccrnn_run_config *config, bool losses)
{
    const bool draws = ccrnn_task_kind(config->task.task)->draws;
    if (losses)
        return draws ? "squared length units" : "nats";
    return draws ? "length units" : "1";
}

static bool is_recorded(const struct ccrnn_run_config *config,
                        const struct ccrnn_record_array *row)
{
    const bool draws = ccrnn_task_kind(config->task.task)->draws;
    if (row->quantity == CCRNN_RECORD_OUTPUTS && !row->of_epochs && !draws)
        return false;
    return (config->record.quantities & (unsigned)row->quantity) != 0;
}

static void add(const struct ccrnn_run_config *config, const struct ccrnn_record_array *row,
                size_t layer, struct ccrnn_record_plan *plan)
{
    struct ccrnn_record_array *const array = &plan->array[plan->count++];
    *array = *row;
    array->layer = layer;
    if (array->units == NULL)
        array->units = units_of(config, array->wide);
    array->steps = ccrnn_record_axis_size(config, array->time);
    array->width = ccrnn_record_axis_size(config, array->of);
    if (layer > 0)
        ccrnn_format(array->name, sizeof array->name, "%s_%zu", row->name, layer + 1);
}

void ccrnn_record_plan_make(const struct ccrnn_run_config *config, struct ccrnn_record_plan *plan)
{
    *plan = (struct ccrnn_record_plan){.trials = (size_t)config->record.trials};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const bool layers = rows[i].quantity == CCRNN_RECORD_GRANULES;
        const size_t count = layers ? config->network.granule_layers : 1;
        for (size_t l = 0; l < count && is_recorded(config, &rows[i]); l++)
            add(config, &rows[i], l, plan);
    }
}

size_t ccrnn_record_array_numbers(const struct ccrnn_record_plan *plan, size_t index)
{
    return plan->array[index].steps * plan->trials * plan->array[index].width;
}

/* --- when and how much ------------------------------------------------------------------- */

bool ccrnn_record_wants(const struct ccrnn_run_config *config, uint64_t epoch)
{
    const struct ccrnn_record_options *const record = &config->record;
    if (record->quantities == 0)
        return false;
    if (record->epochs.count == 0)
        return epoch % record->every == 0;
    for (size_t i = 0; i < record->epochs.count; i++)
        if (record->epochs.value[i] == epoch)
            return true;
    return false;
}

uint64_t ccrnn_record_epochs(const struct ccrnn_run_config *config)
{
    const struct ccrnn_record_options *const record = &config->record;
    if (record->quantities == 0)
        return 0;
    return record->epochs.count > 0 ? record->epochs.count : config->epochs / record->every + 1;
}

double ccrnn_record_bytes(const struct ccrnn_run_config *config)
{
    struct ccrnn_record_plan plan;
    if (config->record.quantities == 0)
        return 0;
    ccrnn_record_plan_make(config, &plan);
    const double trials = (double)plan.trials;
    double bytes = (double)sizeof(int32_t) * trials;
    for (size_t i = 0; i < plan.count; i++) {
        const struct ccrnn_record_array *const array = &plan.array[i];
        const double number = array->wide ? sizeof(double) : sizeof(float);
        const double epochs = array->of_epochs ? (double)ccrnn_record_epochs(config) : 1;
        bytes += number * epochs * (double)array->steps * trials * (double)array->width;
    }
    return bytes;
}
