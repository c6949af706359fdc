#pragma once
// Repricings of orders as canonical JSON (how they are kept), and as programs and people are shown them.
#include <string>
#include <vector>

#include "services/nav/app/reprice_orders.h"

namespace navkeeper::nav {

/// Canonical, and back. Throws base::Refused for a text that was not written here.
std::string repricing_content(const Repricing& repricing);
Repricing read_repricing(const std::string& content);

/// What others hear of it, and the answer to who took a step: {"fund","number","state"}.
std::string repricing_fact(const model::FundId& fund, int number, std::string_view state);
std::string repricings_json(const model::FundId& fund, const std::vector<StoredRepricing>& repricings);
std::string repricings_text(const model::FundId& fund, const std::vector<StoredRepricing>& repricings);

}  // namespace navkeeper::nav
