# Writes text files into a C++ source as a list of name and text:
#   cmake -DOUTPUT=file.cpp -DFILES=a.yaml|b.yaml -DHEADER=platform/config/shipped.h -DSCOPE=spinvp::platform -DTYPE=ShippedConfig -DFUNCTION=shipped_configs -P embed_files.cmake
string(REPLACE "|" ";" FILES "${FILES}")
set(entries "")
foreach(file ${FILES})
  get_filename_component(name ${file} NAME_WE)
  file(READ ${file} text)
  string(APPEND entries "      {\"${name}\", R\"spinvp_text(${text})spinvp_text\"},\n")
endforeach()
file(WRITE ${OUTPUT} "// Made by embed_files.cmake.
#include \"${HEADER}\"

namespace ${SCOPE} {

const std::vector<${TYPE}>& ${FUNCTION}() {
  static const std::vector<${TYPE}> files = {
${entries}  };
  return files;
}

}  // namespace ${SCOPE}
")
