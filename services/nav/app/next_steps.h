#pragma once
// What a night operator does next about a batch: which fund and day needs whom to do what, with the command.
#include <string>
#include <vector>

#include "services/nav/app/run_navs.h"

namespace navkeeper::nav {

struct NextStep {
  model::FundId fund;
  time::Date date;
  std::string who;      ///< "two approvers, not mia"
  std::string what;     ///< why it is needed
  std::string command;  ///< to be typed as it stands but for the words in capitals
};

/// Nothing for a published NAV and a closed day.
std::vector<NextStep> next_steps(const RunLine& line);
/// First what is no NAV (RunLine::who): a day that lacks something is struck again before later ones are.
std::vector<NextStep> next_steps(const std::vector<RunLine>& lines);

}  // namespace navkeeper::nav
