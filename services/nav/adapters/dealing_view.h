#pragma once
// Orders, baskets and what is open as JSON for programs, tables for people, and the portfolio composition
// file; the same for the command line and the API.
#include <string>
#include <vector>

#include "services/nav/app/dealing.h"

namespace navkeeper::nav {

std::string order_json(const model::FundId& fund, const StoredOrder& order);
std::string orders_json(const model::FundId& fund, const std::vector<StoredOrder>& orders);
std::string orders_table(const std::vector<StoredOrder>& orders);
/// The order, its price, its life.
std::string order_text(const StoredOrder& order);

std::string place_report_json(const model::FundId& fund, const PlaceReport& report);
std::string price_lines_json(const model::FundId& fund, time::Date date, const std::vector<PriceLine>& lines);
std::string price_lines_table(const std::vector<PriceLine>& lines);

std::string participants_json(const model::FundId& fund,
                              const std::vector<dealing::AuthorizedParticipant>& participants);
std::string participants_table(const std::vector<dealing::AuthorizedParticipant>& participants);

std::string open_items_json(const model::FundId& fund, time::Date date, const std::vector<OpenItem>& items);
std::string open_items_table(const std::vector<OpenItem>& items);

/// The portfolio composition file as one JSON object.
std::string basket_json(const DayBasket& day);
std::string basket_table(const DayBasket& day);
/// The same as records, one a line, the record's number first: 01 file, 02 portfolio, 03 component, 09
/// trailer; each number's fields are named by a line that begins with "#" and the number.
std::string basket_csv(const DayBasket& day);

std::string rebalancing_json(const model::FundId& fund, const DayRebalancing& day);
std::string rebalancing_table(const DayRebalancing& day);

}  // namespace navkeeper::nav
