// What a server and a client read of the PEM files that they are given.

#ifndef INTEROP_PAPER_H_
#define INTEROP_PAPER_H_

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

// The whole text of a file.
inline std::string Paper(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

#endif  // INTEROP_PAPER_H_
