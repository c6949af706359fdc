#pragma once
// A strict reader of small XML documents (a bank's statement) into a tree. It takes UTF-8 with elements,
// attributes, text, CDATA, comments, the five named entities and numbered characters, and namespaces. It
// refuses what no statement needs and an attacker likes: document types, other entities, processing
// instructions, other encodings, depth and size beyond its limits. `where` of a refusal is the line.
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/refusal.h"

namespace navkeeper::nav {

struct XmlElement {
  std::string name;                                             ///< without its prefix: "Stmt"
  std::string name_space;                                       ///< the URI; empty: none
  std::vector<std::pair<std::string, std::string>> attributes;  ///< as written, no xmlns; no name twice
  std::string text;  ///< all of its own text, in order, white space trimmed at both ends
  std::vector<XmlElement> children;
  int line = 0;

  const std::string* attribute(std::string_view wanted) const;
  /// The first child of that name, or nothing.
  const XmlElement* child(std::string_view wanted) const;
  std::size_t count(std::string_view wanted) const;
};

constexpr std::size_t kXmlBytesMax = std::size_t{32} << 20;
constexpr int kXmlDepthMax = 32;
constexpr std::size_t kXmlElementsMax = 1'000'000;

/// The root element.
base::Checked<XmlElement> read_xml(std::string_view text);

}  // namespace navkeeper::nav
