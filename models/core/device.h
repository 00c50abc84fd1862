// A device: a component on the bus, created by its type name from YAML.
//
// A new device is one folder (or file), one CMake line, one registration at the end of its .cpp and YAML that instantiates it:
//
//   static const DeviceRegistration registration = register_device<Uart, UartConfig>("ns16550a", "serial port, NS16550A register layout");
//
// Uart's constructor is Uart(const sc_module_name&, Simulation&, const UartConfig&). The builder asks the finished device for its ports and wires them: it knows no type.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <tlm_utils/simple_target_socket.h>
#include <tlm>

#include "models/core/component.h"
#include "models/core/fields.h"
#include "models/core/interrupt.h"
#include "models/core/registers.h"
#include "models/core/transport.h"

namespace spinvp::core {

class Device;
class RegisterObserver;

// What a device may learn of the finished platform, after all are built and before the run.
struct PlatformView {
  std::vector<Component*> components;  // harts and interconnect included
  std::vector<InterruptSink*> harts;   // by hart id; line numbers are those of HartInterrupt
  double mtime_hz = 10e6;
};

class Device : public Component {
 public:
  using Component::Component;

  struct Window {      // an address range it answers
    std::string name;  // "registers", "memory"
    tlm::tlm_target_socket<>* socket;
    std::uint64_t size;            // bytes
    RegisterBank* bank = nullptr;  // if registers lie behind it
    std::uint64_t at = 0;          // fixed base of its own (a second window); 0: the device's configured base
  };
  [[nodiscard]] const std::vector<Window>& windows() const { return windows_; }
  [[nodiscard]] const std::vector<tlm::tlm_initiator_socket<>*>& masters() const { return masters_; }
  // Its interrupt output, bound by the builder to the interrupt controller at the configured number; null if it has none.
  [[nodiscard]] InterruptLine* interrupt() const { return interrupt_; }
  // An interrupt controller: where other devices' interrupts go. Null for all others.
  [[nodiscard]] virtual InterruptSink* interrupt_controller() { return nullptr; }
  // A device that keeps the platform's time (MTIME): what it reads at a given simulated time, for the harts' `time` register. Empty for all others.
  [[nodiscard]] virtual std::function<std::uint64_t(SimTime)> wall_clock() { return {}; }
  // Called once when everything is built (an interrupt controller binds its outputs to the harts here).
  virtual void on_platform(const PlatformView& view) { (void)view; }
  // Who is told of each access to its registers (register_observer.h), and outlives the run; null: nobody.
  void observe_registers(RegisterObserver* observer) { register_observer_ = observer; }

 protected:
  void add_window(Window window) { windows_.push_back(std::move(window)); }
  void add_master(tlm::tlm_initiator_socket<>& socket) { masters_.push_back(&socket); }
  void set_interrupt(InterruptLine& line) { interrupt_ = &line; }

  // A bank of registers behind a socket: synchronisation, access time and errors are done here. The window is the device's to add.
  class RegisterPort {
   public:
    // `device` and `bank` outlive it.
    RegisterPort(Device& device, RegisterBank& bank);
    [[nodiscard]] tlm::tlm_target_socket<>& socket() { return socket_; }
    // One register access takes this many cycles of the device's clock.
    static constexpr std::uint64_t access_cycles = 2;

   private:
    Device& device_;
    RegisterBank& bank_;
    tlm_utils::simple_target_socket<RegisterPort> socket_;
    void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    unsigned transport_dbg(tlm::tlm_generic_payload& payload);
    void tell(const tlm::tlm_generic_payload& payload, std::uint64_t length, bool debug, SimTime at) const;
  };

 private:
  std::vector<Window> windows_;
  std::vector<tlm::tlm_initiator_socket<>*> masters_;
  InterruptLine* interrupt_ = nullptr;
  RegisterObserver* register_observer_ = nullptr;
};

// A device that is a bank of registers: its port, reset and saved state are done here.
class RegisterDevice : public Device {
 public:
  RegisterDevice(const sc_core::sc_module_name& name, Simulation& simulation, std::string_view type, std::uint64_t size,
                 Frequency clock = Frequency::from_si(1e9), Violation violation = Violation::error);
  void describe_state(StateArchive& archive) override;

  static constexpr std::uint64_t access_cycles = RegisterPort::access_cycles;

 protected:
  RegisterBank bank_;
  void on_reset() override { bank_.reset(); }

 private:
  RegisterPort port_;
};

struct DeviceType {
  std::string name, text;
  const Schema* schema;
  std::function<std::unique_ptr<Device>(const char* instance, Simulation& simulation, const FieldValues& values)> make;
};

class DeviceRegistration {
 public:
  explicit DeviceRegistration(DeviceType type);
};

// All registered types, by name. Filled before main by the registrations, read-only afterwards.
const std::map<std::string, DeviceType>& device_types();

template <typename Model, typename Config>
DeviceRegistration register_device(std::string name, std::string text) {
  return DeviceRegistration({std::move(name), std::move(text), &Config::schema(), [](const char* instance, Simulation& simulation, const FieldValues& values) {
                               return std::make_unique<Model>(sc_core::sc_module_name(instance), simulation, Config::schema().template make<Config>(values));
                             }});
}

}  // namespace spinvp::core
