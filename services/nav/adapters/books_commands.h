#pragma once
// `navkeeper books …`.
#include <functional>

#include "common/model/actor.h"
#include "common/runtime/command.h"

namespace navkeeper::runtime {
class Command;
}
namespace navkeeper::db {
class Pool;
}

namespace navkeeper::nav {

/// What the subcommands that reach the database ask for when they run; `compute` never does.
struct BooksAccess {
  std::function<db::Pool&()> pool;      ///< as nav's own role
  std::function<model::Actor()> actor;  ///< who acts, authenticated; throws base::Refused
};

/// Adds `books` with its subcommands; without `access`, post, show and export refuse. `context` must outlive
/// `root`'s parsing.
void add_books_commands(runtime::Command& root, runtime::CommandContext& context, BooksAccess access = {});

}  // namespace navkeeper::nav
