# What `cmake --install` puts beside the program: its apps, and the kit for firmware outside this repository, which find_package(spinvp) finds.
get_property(targets DIRECTORY PROPERTY BUILDSYSTEM_TARGETS)
foreach(target ${targets})
  if(target MATCHES "^firmware_(.+)")
    install(FILES ${SPINVP_FIRMWARE_BINARY_DIR}/${CMAKE_MATCH_1}.elf DESTINATION share/spinvp/firmware)
    set_property(GLOBAL APPEND PROPERTY SPINVP_INSTALLED_APPS ${target})
  endif()
endforeach()

install(DIRECTORY ${CMAKE_SOURCE_DIR}/models/abi DESTINATION include/spinvp/models FILES_MATCHING PATTERN "*.h")
foreach(folder startup hal drivers kernels)
  install(DIRECTORY ${folder} DESTINATION include/spinvp/firmware FILES_MATCHING PATTERN "*.h")
  install(DIRECTORY ${folder} DESTINATION share/spinvp/source/firmware FILES_MATCHING PATTERN "*.[chS]")  # for a debugger
endforeach()
install(FILES ${SPINVP_FIRMWARE_REGISTER_HEADER} DESTINATION include/spinvp RENAME spinvp_registers.h)
install(FILES ${SPINVP_FIRMWARE_CRT0} DESTINATION lib/spinvp RENAME crt0.o)
install(FILES ${SPINVP_FIRMWARE_ARCHIVE} ${SPINVP_FIRMWARE_LINKER_SCRIPT} DESTINATION lib/spinvp)

include(CMakePackageConfigHelpers)
string(REPLACE ";" " " SPINVP_MACHINE_FLAGS "${SPINVP_FIRMWARE_MACHINE}")
configure_package_config_file(package/spinvpConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/package/spinvpConfig.cmake INSTALL_DESTINATION lib/cmake/spinvp
                              NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/package/spinvpConfigVersion.cmake VERSION ${PROJECT_VERSION} COMPATIBILITY SameMinorVersion
                                 ARCH_INDEPENDENT)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/package/spinvpConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/package/spinvpConfigVersion.cmake package/add_firmware.cmake
        DESTINATION lib/cmake/spinvp)
