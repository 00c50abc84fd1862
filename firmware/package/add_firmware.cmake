# spinvp_add_firmware(NAME sources... [INCLUDES folders...] [OPTIONS compiler options...])
#
# Builds NAME.elf in the current binary folder, as target NAME and part of `all`: C (.c) and assembler (.S) for RV64GC, with start-up, drivers and kernels of
# SpinVP and picolibc. With CMAKE_BUILD_TYPE=Debug it is built to be stepped through (-Og), else to be fast (-O2); OPTIONS come last. Target run_NAME runs it;
# its report goes to NAME.out.
function(spinvp_add_firmware name)
  cmake_parse_arguments(PARSE_ARGV 1 FIRMWARE "" "" "INCLUDES;OPTIONS")
  if(NOT FIRMWARE_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "spinvp_add_firmware(${name}): no sources: allowed are .c and .S")
  endif()
  set(level -O2)
  if(CMAKE_BUILD_TYPE STREQUAL "Debug")
    set(level -Og)
  endif()
  set(flags ${SPINVP_FIRMWARE_MACHINE} ${level} -g -ffp-contract=off -ffunction-sections -fdata-sections -Wall -Wextra -isystem ${SPINVP_FIRMWARE_INCLUDES})
  foreach(folder ${FIRMWARE_INCLUDES})
    get_filename_component(folder ${folder} ABSOLUTE)
    list(APPEND flags -I${folder})
  endforeach()
  list(APPEND flags ${FIRMWARE_OPTIONS})

  set(objects)
  foreach(source ${FIRMWARE_UNPARSED_ARGUMENTS})
    if(NOT source MATCHES "\\.[cS]$")
      message(FATAL_ERROR "spinvp_add_firmware(${name}): ${source}: allowed are .c and .S")
    endif()
    get_filename_component(path ${source} ABSOLUTE)
    file(RELATIVE_PATH place ${CMAKE_CURRENT_SOURCE_DIR} ${path})
    string(REPLACE "../" "__/" place ${place})
    set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}.dir/${place}.o)
    get_filename_component(folder ${object} DIRECTORY)
    file(MAKE_DIRECTORY ${folder})
    add_custom_command(
      OUTPUT ${object}
      COMMAND ${SPINVP_RISCV_GCC} ${flags} -MD -MF ${object}.d -MT ${object} -c ${path} -o ${object}
      DEPENDS ${path}
      DEPFILE ${object}.d
      COMMENT "Building firmware object ${place}.o"
      VERBATIM)
    list(APPEND objects ${object})
  endforeach()

  set(elf ${CMAKE_CURRENT_BINARY_DIR}/${name}.elf)
  set(parts ${SPINVP_FIRMWARE_LIBRARY}/crt0.o ${objects} ${SPINVP_FIRMWARE_LIBRARY}/libspinvp_firmware.a)
  set(script ${SPINVP_FIRMWARE_LIBRARY}/spinvp.ld)
  add_custom_command(
    OUTPUT ${elf}
    COMMAND ${SPINVP_RISCV_GCC} ${flags} -nostartfiles -T ${script} -Wl,--gc-sections -Wl,-Map=${elf}.map ${parts} -o ${elf}
    DEPENDS ${parts} ${script}
    COMMENT "Linking firmware ${name}.elf"
    VERBATIM)
  add_custom_target(${name} ALL DEPENDS ${elf})
  add_custom_target(run_${name} COMMAND ${SPINVP_PROGRAM} run --firmware ${elf} --out ${CMAKE_CURRENT_BINARY_DIR}/${name}.out DEPENDS ${elf} USES_TERMINAL VERBATIM)
endfunction()
