#pragma once
// What a fund's definition says about its postings.
#include "services/nav/adapters/books_store.h"
#include "services/nav/domain/fund.h"

namespace navkeeper::nav {

/// Lot rules, the tax book's rules by tax status, the calendars. `rules` points into this object: keep it.
class FundPostingRules {
 public:
  explicit FundPostingRules(const FundDefinition& fund);
  FundPostingRules(const FundPostingRules&) = delete;
  FundPostingRules& operator=(const FundPostingRules&) = delete;
  const PostingRules& rules() const { return rules_; }

 private:
  time::Calendar exchange_;
  PostingRules rules_;
};

/// The fund's latest definition; refused when there is no such fund.
FundDefinition load_definition(db::Transaction& transaction, const model::FundId& fund);

/// The rules of the tax book: the fund's standing rules, recorded with its definition before any disposal;
/// for `average`, which is none of the tax book's, first in first out (Reg. 1.1012-1(j)). In kind, a
/// C-corporation recognises its gain, a regulated investment company does not (IRC 852(b)(6)), a grantor
/// trust has none of its own.
books::TaxRules tax_rules_of(const FundDefinition& fund);

}  // namespace navkeeper::nav
