/* The options of the optimiser and its learning rate, between the two halves of option_table.c. */
#include "study/option_rows.h"

static bool uses_adam(const struct ccrnn_run_config *config)
{
    return config->network.optimiser == CCRNN_OPTIMISER_ADAM;
}

static bool uses_rmsprop(const struct ccrnn_run_config *config)
{
    return config->network.optimiser == CCRNN_OPTIMISER_RMSPROP;
}

static bool has_momentum(const struct ccrnn_run_config *config)
{
    return config->network.optimiser != CCRNN_OPTIMISER_ADAM;
}

static bool divides(const struct ccrnn_run_config *config)
{
    return config->network.optimiser != CCRNN_OPTIMISER_SGD;
}

static bool lr_falls(const struct ccrnn_run_config *config)
{
    return config->lr_patience != CCRNN_LR_PATIENCE_OFF;
}

#define NEEDS_ADAM "only with optimiser: adam"
#define NEEDS_PLATEAU "only with lr_patience other than off"

const struct ccrnn_option ccrnn_learning_rows[] = {
    {.key = "optimiser",
     .group = "learning",
     .type = CCRNN_OPTION_CHOICE,
     MEMBER(network.optimiser),
     .default_text = "adam",
     .help = "Adam, RMSprop or gradient descent.",
     .choices = ccrnn_choices_optimiser,
     .in_hash = true,
     .later = true},
    {.key = "learning_rate",
     .group = "learning",
     .type = CCRNN_OPTION_REAL,
     MEMBER(network.learning_rate),
     .minimum = 0,
     .maximum = 1000,
     .above_minimum = true,
     .default_text = "0.001",
     .help = "Learning rate; the first one, if lr_patience makes it fall.",
     .in_hash = true},
    {.key = "beta1",
     .group = "learning",
     .type = CCRNN_OPTION_REAL,
     MEMBER(network.beta1),
     .minimum = 0,
     .maximum = 1,
     .below_maximum = true,
     .default_text = "0.9",
     .help = "Adam's decay of the first moment.",
     .applies = uses_adam,
     .applies_text = NEEDS_ADAM,
     .in_hash = true},
    {.key = "beta2",
     .group = "learning",
     .type = CCRNN_OPTION_REAL,
     MEMBER(network.beta2),
     .minimum = 0,
     .maximum = 1,
     .below_maximum = true,
     .default_text = "0.98",
     .help = "Adam's decay of the second moment.",
     .applies = uses_adam,
     .applies_text = NEEDS_ADAM,
     .in_hash = true},
    {.key = "epsilon",
     .group = "learning",
     .type = CCRNN_OPTION_REAL,
     MEMBER(network.epsilon),
     .minimum = 0,
     .maximum = 1,
     .above_minimum = true,
     .default_text = "1e-09",
     .help = "Epsilon of Adam and RMSprop, outside the root.",
     .applies = divides,
     .applies_text = "only with optimiser: adam or rmsprop",
     .in_hash = true},
    {.key = "rms_decay",
     .group = "learning",
     .type = CCRNN_OPTION_REAL,
     MEMBER(network.rms_decay),
     .minimum = 0,
     .maximum = 1,
     .below_maximum = true,
     .default_text = "0.99",
     .help = "RMSprop's decay of the mean square (PyTorch's alpha).",
     .applies = uses_rmsprop,
     .applies_text = "only with optimiser: rmsprop",
     .in_hash = true,
     .later = true},
    {.key = "momentum",
     .group = "learning",
     .type = CCRNN_OPTION_REAL,
     MEMBER(network.momentum),
     .minimum = 0,
     .maximum = 1,
     .below_maximum = true,
     .default_text = "0",
     .help = "Classical momentum of RMSprop and gradient descent.",
     .applies = has_momentum,
     .applies_text = "only with optimiser: rmsprop or sgd",
     .in_hash = true,
     .later = true},
    {.key = "weight_decay",
     .group = "learning",
     .type = CCRNN_OPTION_REAL,
     MEMBER(network.weight_decay),
     .minimum = 0,
     .maximum = 1000,
     .default_text = "0",
     .help = "This times each weight joins its clipped gradient (L2), in all tensors that learn.",
     .in_hash = true,
     .later = true},
    {.key = "lr_patience",
     .group = "learning",
     .type = CCRNN_OPTION_INTEGER,
     MEMBER(lr_patience),
     .minimum = 0,
     .maximum = 1e9,
     .word = "off",
     .word_value = CCRNN_LR_PATIENCE_OFF,
     .default_text = "off",
     .unit = "epochs",
     .help =
         "When the validation error has not fallen for more than this many epochs, the learning "
         "rate falls; off = never.",
     .in_hash = true,
     .later = true},
    {.key = "lr_factor",
     .group = "learning",
     .type = CCRNN_OPTION_REAL,
     MEMBER(lr_factor),
     .minimum = 0,
     .maximum = 1,
     .above_minimum = true,
     .below_maximum = true,
     .default_text = "0.1",
     .help = "The learning rate is then multiplied by this.",
     .applies = lr_falls,
     .applies_text = NEEDS_PLATEAU,
     .in_hash = true,
     .later = true},
    {.key = "lr_threshold",
     .group = "learning",
     .type = CCRNN_OPTION_REAL,
     MEMBER(lr_threshold),
     .minimum = 0,
     .maximum = 1,
     .below_maximum = true,
     .default_text = "0.0001",
     .help = "Share of the best validation error by which a lower one must undercut it to count.",
     .applies = lr_falls,
     .applies_text = NEEDS_PLATEAU,
     .in_hash = true,
     .later = true},
    {.key = "lr_minimum",
     .group = "learning",
     .type = CCRNN_OPTION_REAL,
     MEMBER(lr_minimum),
     .minimum = 0,
     .maximum = 1000,
     .default_text = "0",
     .help = "The learning rate never falls below this.",
     .applies = lr_falls,
     .applies_text = NEEDS_PLATEAU,
     .in_hash = true,
     .later = true},
};

const size_t ccrnn_learning_rows_count =
    sizeof ccrnn_learning_rows / sizeof ccrnn_learning_rows[0];
