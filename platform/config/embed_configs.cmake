# Writes the shipped configurations into a C++ source: cmake -DOUTPUT=file.cpp -DCONFIGS=a.yaml|b.yaml -P embed_configs.cmake
string(REPLACE "|" ";" CONFIGS "${CONFIGS}")
set(entries "")
foreach(file ${CONFIGS})
  get_filename_component(name ${file} NAME_WE)
  file(READ ${file} text)
  string(APPEND entries "      {\"${name}\", R\"spinvp_yaml(${text})spinvp_yaml\"},\n")
endforeach()
file(WRITE ${OUTPUT} "// Made from platform/configs/ by embed_configs.cmake.
#include \"platform/config/shipped.h\"

namespace spinvp::platform {

const std::vector<ShippedConfig>& shipped_configs() {
  static const std::vector<ShippedConfig> configs = {
${entries}  };
  return configs;
}

}  // namespace spinvp::platform
")
