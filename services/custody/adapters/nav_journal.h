#pragma once
// The pages of a fund's journal, from the nav service: GET /v1/funds/{fund}/journal.
#include <functional>
#include <string>

#include "common/base/secret.h"
#include "common/http/client.h"
#include "common/model/id.h"

namespace navkeeper::custody {

/// `read` gets each page's body, in order, and gives the cursor of the next one; empty at the last. Throws
/// base::Refused when the fund has no books; base::Unavailable when nav does not answer, or its pages do not
/// end.
void read_journal_pages(http::Client& nav, const base::Secret& token, const model::FundId& fund,
                        const http::Parameters& query,
                        const std::function<std::string(const std::string& body)>& read);

}  // namespace navkeeper::custody
