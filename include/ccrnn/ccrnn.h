/** @file
 * ccrnn: cortico-cerebellar recurrent networks. Includes the whole public API.
 */
#ifndef CCRNN_CCRNN_H
#define CCRNN_CCRNN_H

#include "ccrnn/activity.h"
#include "ccrnn/caption_scores.h"
#include "ccrnn/digits.h"
#include "ccrnn/images.h"
#include "ccrnn/learning.h"
#include "ccrnn/line_drawing.h"
#include "ccrnn/measure.h"
#include "ccrnn/intervention.h"
#include "ccrnn/network.h"
#include "ccrnn/pen_digits.h"
#include "ccrnn/probe.h"
#include "ccrnn/random.h"
#include "ccrnn/ranks.h"
#include "ccrnn/real.h"
#include "ccrnn/report.h"
#include "ccrnn/settings.h"
#include "ccrnn/similarity.h"
#include "ccrnn/statistics.h"
#include "ccrnn/status.h"
#include "ccrnn/trajectories.h"
#include "ccrnn/version.h"
#include "ccrnn/weight_statistics.h"

#endif
