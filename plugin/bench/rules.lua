-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- Four of the plugin's rules as a Lua post-dissector, to measure what the same costs in Lua. Not for use:
-- no evidence, no repeats, nothing about captures that are cut.

local diagnosis = Proto("smb2lua", "SMB2 Set-up Diagnosis in Lua")
local finding = ProtoField.string("smb2lua.rule", "Rule")
diagnosis.fields = {finding}

local command = Field.new("smb2.cmd")
local response = Field.new("smb2.flags.response")
local status = Field.new("smb2.nt_status")
local capabilities = Field.new("smb2.capabilities")
local control = Field.new("smb2.ioctl.function")
local stream = Field.new("tcp.stream")
local reset = Field.new("tcp.flags.reset")
local finish = Field.new("tcp.flags.fin")

local NEGOTIATE, SESSION_SETUP, TREE_CONNECT, IOCTL = 0, 1, 3, 11
local LOGON_FAILURE, BAD_NETWORK_NAME = 0xc000006d, 0xc00000cc
local VALIDATE_NEGOTIATE = 0x00140204

local connections, findings = {}, {}

function diagnosis.init()
    connections, findings = {}, {}
end

local function report(number, rule)
    local list = findings[number] or {}
    list[#list + 1] = rule
    findings[number] = list
end

local function connection_of(id)
    local found = connections[id]
    if not found then
        found = {}
        connections[id] = found
    end
    return found
end

local function on_negotiate(connection, is_response, number)
    if is_response then
        connection.negotiate_answered = true
    else
        connection.negotiate_frame = number
    end
    local value = capabilities()
    if value then
        connection[is_response and "chosen" or "offered"] = value.value
    end
end

local function on_validate(connection, is_response, number)
    local value, code = capabilities(), control()
    if not value or not code or code.value ~= VALIDATE_NEGOTIATE then
        return
    end
    local expected = connection[is_response and "chosen" or "offered"]
    if expected and value.value ~= expected then
        report(number, is_response and "validate_negotiate.rsp_capabilities"
                                    or "validate_negotiate.req_capabilities")
    end
end

local function on_message(connection, code, is_response, nt_status, number)
    if code == NEGOTIATE then
        on_negotiate(connection, is_response, number)
    elseif code == SESSION_SETUP and is_response and nt_status == LOGON_FAILURE then
        report(number, "session_setup.logon_failure")
    elseif code == TREE_CONNECT and is_response and nt_status == BAD_NETWORK_NAME then
        report(number, "tree_connect.bad_network_name")
    elseif code == IOCTL then
        on_validate(connection, is_response, number)
    end
end

local function on_close(connection, was_reset, number)
    if connection.negotiate_frame and not connection.negotiate_answered and not connection.closed then
        report(number, was_reset and "negotiate.reset" or "negotiate.no_response")
    end
    connection.closed = true
end

local function collect(number)
    local id = stream()
    if not id then
        return
    end
    local connection = connections[id.value]
    local codes, responses, statuses = {command()}, {response()}, {status()}
    local next_status = 1
    for i = 1, #codes do
        connection = connection_of(id.value)
        local is_response = responses[i].value
        local nt_status
        if is_response and statuses[next_status] then
            nt_status = statuses[next_status].value
            next_status = next_status + 1
        end
        on_message(connection, codes[i].value, is_response, nt_status, number)
    end
    if connection and (reset().value or finish().value) then
        on_close(connection, reset().value, number)
    end
end

function diagnosis.dissector(buffer, pinfo, tree)
    if not pinfo.visited then
        collect(pinfo.number)
    end
    for _, rule in ipairs(findings[pinfo.number] or {}) do
        tree:add(diagnosis):add(finding, rule)
    end
end

register_postdissector(diagnosis)
