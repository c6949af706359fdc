#pragma once
// books lots | journal | rollforward | identify | reverse | close | reopen | periods.
#include <memory>

#include "services/nav/adapters/books_commands.h"

namespace navkeeper::nav {

void add_books_control_commands(runtime::Command& books, runtime::CommandContext& context,
                                const std::shared_ptr<BooksAccess>& access);

}  // namespace navkeeper::nav
