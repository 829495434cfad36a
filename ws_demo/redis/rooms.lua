-- rooms.lua - what the nodes of ws_demo do to a room that they share. It runs inside Redis, one call at a time, so that
-- each command below is atomic. cluster.h says what it is for, ws_demo/cluster_rooms.c and cluster_store.c call it:
--
--     EVALSHA sha 0 COMMAND ARGUMENT...
--
-- The keys are made of the room's name and the token of a node, and not passed as KEYS: this is for one Redis, not for
-- Redis Cluster.
--
--     io-models:room:ROOM        hash    epoch, last (the last number), guests, used. Without a message it expires
--     io-models:said:ROOM        stream  the messages: 0-1, 0-2, ...
--     io-models:ids:ROOM         zset    "owner id" -> number, of the messages in the stream
--     io-models:here:ROOM:TOKEN  hash    one node's members: "n:" folded name -> "owner count"; version, members, names
--     io-models:rooms            hash    room -> the address that has begun it, of rooms with messages
--     io-models:nodes            set     names of nodes
--     io-models:node:NAME        string  the token of the node; expires when the node is gone
--
-- https://redis.io/docs/latest/develop/programmability/eval-intro/, https://redis.io/docs/latest/commands/xadd/

local PREFIX = 'io-models:'
local ALIVE_MS = 3000   -- LIMIT: a node that says nothing for so long is gone, and so are its members
local UNSAID_MS = 60000 -- LIMIT: an epoch without messages outlives the last member by so much
local DIGITS_MAX = 15   -- LIMIT: numbers below 2^53, which a Lua number and a JavaScript number hold exactly
local NUMBER_MAX = string.rep('9', DIGITS_MAX)
local FIELDS_MAX = 32   -- LIMIT: names and values of an entry; ours has 12

local call, try = redis.call, redis.pcall

local function key(kind, room) return PREFIX .. kind .. ':' .. room end

-- "0-17" -> "17"; nil for an id that is not one of ours.
local function number_of(id)
    local digits = id:match('^0%-(%d+)$')
    return digits and #digits <= DIGITS_MAX and digits or nil
end

-- The tokens of the nodes that are alive.
local function tokens()
    local found = {}
    for _, name in ipairs(call('SMEMBERS', PREFIX .. 'nodes')) do
        local token = call('GET', key('node', name))
        if token then found[#found + 1] = token else call('SREM', PREFIX .. 'nodes', name) end
    end
    table.sort(found)
    return found
end

local function here_key(room, token) return key('here', room) .. ':' .. token end

local function last_id(said)
    if call('EXISTS', said) == 0 then return nil end
    local info = call('XINFO', 'STREAM', said)
    for i = 1, #info, 2 do
        if info[i] == 'last-generated-id' then return info[i + 1] end
    end
end

-- The newest `kept` messages, oldest first. LIMIT: an entry of another's making with too many fields is left out.
local function messages(said, kept)
    local newest, found = call('XREVRANGE', said, '0-' .. NUMBER_MAX, '0-1', 'COUNT', kept), {}
    for i = #newest, 1, -1 do
        if #newest[i][2] <= FIELDS_MAX then found[#found + 1] = newest[i] end
    end
    return found
end

-- The stream without entries whose ids are not ours: XADD could give no number after one of them.
local function mend(room, kept)
    local said, last = key('said', room), call('HGET', key('room', room), 'last') or '0'
    local ours = messages(said, kept)
    call('DEL', said)
    call('XGROUP', 'CREATE', said, 'none', '$', 'MKSTREAM') -- the way to make a stream without an entry
    call('XGROUP', 'DESTROY', said, 'none')
    for _, entry in ipairs(ours) do
        call('XADD', said, entry[1], unpack(entry[2]))
        if tonumber(number_of(entry[1])) > tonumber(last) then last = number_of(entry[1]) end
    end
    if tonumber(last) > 0 then call('XSETID', said, '0-' .. last) end
    return {'ok'}
end

-- ---- nodes ----

-- Says that the node is alive. 'taken': another one has its name. Also the time, in milliseconds since 1970.
local function node(name, token)
    local held = call('GET', key('node', name))
    local time = call('TIME')
    if held and held ~= token then return {'taken'} end
    if held then
        call('PEXPIRE', key('node', name), ALIVE_MS) -- allowed even when Redis is out of memory
    else
        call('SET', key('node', name), token, 'PX', ALIVE_MS)
    end
    if call('SISMEMBER', PREFIX .. 'nodes', name) == 0 then call('SADD', PREFIX .. 'nodes', name) end
    return {'ok', string.format('%.3f', tonumber(time[1]) * 1e3 + tonumber(time[2]) / 1e3)}
end

-- The node goes, in order.
local function bye(name, token)
    if call('GET', key('node', name)) == token then call('DEL', key('node', name)) end
    return {'ok'}
end

-- ---- messages ----

-- What a node needs that begins to follow a room: its epoch, the last number in it, and the newest messages. LIMIT: a message of
-- another's making that is longer than entry_max bytes is left out.
local function load(room, new_epoch, kept, newest, entry_max)
    local state, said = key('room', room), key('said', room)
    local top = last_id(said)
    if top and not number_of(top) then
        mend(room, kept)
        top = last_id(said)
    end
    local held, number = call('HMGET', state, 'epoch', 'last'), top and number_of(top) or '0'
    local epoch = held[1]
    if not epoch or tonumber(number) < tonumber(held[2] or '0') then -- some of it is gone: numbers would come twice
        epoch = new_epoch
        call('HSET', state, 'epoch', epoch, 'last', number)
        call('ZREMRANGEBYSCORE', key('ids', room), '(' .. number, '+inf')
    end
    if call('HEXISTS', PREFIX .. 'rooms', room) == 0 then call('PEXPIRE', state, UNSAID_MS) end
    try('HSET', state, 'used', call('TIME')[1]) -- of no interest when Redis is out of memory
    local found = {}
    for _, entry in ipairs(messages(said, newest)) do
        local length = 0
        for _, field in ipairs(entry[2]) do length = length + #field end
        if length <= tonumber(entry_max) then found[#found + 1] = entry end
    end
    return {'ok', epoch, number, found}
end

-- Is anybody in the room, on any node?
local function in_use(room, alive)
    for _, token in ipairs(alive) do
        if call('EXISTS', here_key(room, token)) == 1 then return true end
    end
    return false
end

-- A room gets its first message. LIMIT: rooms_max rooms; one that nobody is in gives way (history.h has the rules).
-- False: there is none.
local function make_place(room, maker, rooms_max)
    local rooms, count, of_maker, found = call('HGETALL', PREFIX .. 'rooms'), 0, {}, nil
    for i = 1, #rooms, 2 do
        count = count + 1
        of_maker[rooms[i + 1]] = (of_maker[rooms[i + 1]] or 0) + 1
    end
    local alive = count >= rooms_max and tokens() or {}
    for i = 1, count >= rooms_max and #rooms or 0, 2 do
        local name = rooms[i]
        if not in_use(name, alive) then
            local rank = {name = name, -of_maker[rooms[i + 1]], call('XLEN', key('said', name)),
                tonumber(call('HGET', key('room', name), 'used') or '0')}
            local differs = 1
            while found and differs < 3 and rank[differs] == found[differs] do differs = differs + 1 end
            if not found or rank[differs] < found[differs] then found = rank end
        end
    end
    if count >= rooms_max and not found then return false end
    if count >= rooms_max then
        call('DEL', key('room', found.name), key('said', found.name), key('ids', found.name))
        call('HDEL', PREFIX .. 'rooms', found.name)
    end
    call('HSET', PREFIX .. 'rooms', room, maker)
    call('PERSIST', key('room', room))
    return true
end

-- Stores a message once per owner and id. 'new' and 'known' come with its number; 'epoch': numbers of this epoch are over;
-- 'full': no place for one more room.
local function store(room, epoch, owner, id, from, text, maker, kept, rooms_max)
    local state, said, ids = key('room', room), key('said', room), key('ids', room)
    local held = call('HMGET', state, 'epoch', 'last')
    local last = tonumber(held[2] or '0')
    if held[1] ~= epoch then return {'epoch'} end
    local known = call('ZSCORE', ids, owner .. ' ' .. id)
    if known then return {'known', known} end
    if call('HEXISTS', PREFIX .. 'rooms', room) == 0 and not make_place(room, maker, tonumber(rooms_max)) then
        return {'full'}
    end
    local time = call('TIME') -- of this machine: the nodes' clocks may differ
    local at = string.format('%.3f', tonumber(time[1]) * 1e3 + tonumber(time[2]) / 1e3)
    local function add()
        return try('XADD', said, 'MAXLEN', '=', kept, '0-*', 'epoch', epoch, 'owner', owner, 'id', id, 'from', from,
            'text', text, 'at', at)
    end
    local added = add()
    local top = added.err and last_id(said)
    if top and not number_of(top) then -- no number is left after somebody else's id; Redis has several words for that
        mend(room, kept)
        added = add()
    end
    if added.err then return added end
    local number = number_of(added)
    if not number or tonumber(number) <= last then -- the stream was deleted: numbers would come twice
        call('DEL', said)
        call('HDEL', state, 'epoch')
        return {'epoch'}
    end
    call('ZADD', ids, number, owner .. ' ' .. id)
    call('ZREMRANGEBYSCORE', ids, '-inf', tonumber(number) - tonumber(kept))
    call('HSET', state, 'last', number)
    return {'new', number}
end

-- ---- who is here ----

local function is_taken(room, folded, owner, alive)
    for _, token in ipairs(alive) do
        local held = call('HGET', here_key(room, token), 'n:' .. folded)
        if held and held:match('^(%S+) ') ~= owner then return true end
    end
    return false
end

local function claim(room, token, folded, owner)
    local here = here_key(room, token)
    local held = call('HGET', here, 'n:' .. folded)
    call('HSET', here, 'n:' .. folded, owner .. ' ' .. (held and tonumber(held:match(' (%d+)$')) or 0) + 1)
    call('PEXPIRE', here, ALIVE_MS)
end

-- Takes the first of these names that no other guest has, on any node. Returns which one that is, from 1 on; 0: none.
local function enter(room, token, owner, ...)
    local alive = tokens()
    for i, folded in ipairs({...}) do
        if not is_taken(room, folded, owner, alive) then
            claim(room, token, folded, owner)
            return {'ok', i}
        end
    end
    return {'ok', 0}
end

-- The same for a guest without a name: returns its number.
local function guest(room, token, owner)
    local alive, number = tokens(), nil
    repeat number = call('HINCRBY', key('room', room), 'guests', 1)
    until not is_taken(room, 'guest ' .. number, owner, alive)
    claim(room, token, 'guest ' .. number, owner)
    return {'ok', number}
end

local function leave(room, token, owner, folded)
    local here = here_key(room, token)
    local held = call('HGET', here, 'n:' .. folded)
    local count = held and held:match('^(%S+) ') == owner and tonumber(held:match(' (%d+)$')) or 0
    if count > 1 then
        call('HSET', here, 'n:' .. folded, owner .. ' ' .. count - 1)
    elseif count == 1 then
        call('HDEL', here, 'n:' .. folded)
    end
    return {'ok'}
end

-- Nobody is in the room any more on this node.
local function empty(room, token)
    call('DEL', here_key(room, token))
    return {'ok'}
end

-- All names of a node, again, after Redis was away: owner, folded name, owner, ... `first`: what was there is forgotten.
-- Returns those that another guest has meanwhile.
local function claims(room, token, first, ...)
    local alive, pairs_, lost = tokens(), {...}, {'ok'}
    if first == '1' then call('DEL', here_key(room, token)) end
    for i = 1, #pairs_, 2 do
        if is_taken(room, pairs_[i + 1], pairs_[i], alive) then
            lost[#lost + 1] = pairs_[i]
            lost[#lost + 1] = pairs_[i + 1]
        else
            claim(room, token, pairs_[i + 1], pairs_[i])
        end
    end
    return lost
end

-- A node has members in the room. Is the room as the node knows it: the epoch, and its last message? And who is on the
-- other nodes, where that differs from what the node knows (`known`). 'epoch': the room is another. 'gone': the node's
-- names are no longer known here.
local function beat(room, token, kept, epoch, last, owner, id, version, members, names, known)
    local state, said, here = key('room', room), key('said', room), here_key(room, token)
    if call('HGET', state, 'epoch') ~= epoch then return {'epoch'} end
    local top = last_id(said)
    local number = top and tonumber(number_of(top) or '0') or 0
    local same = tonumber(last) == 0 and {} or call('XRANGE', said, '0-' .. last, '0-' .. last)
    local fields = {}
    for i = 1, same[1] and #same[1][2] or 0, 2 do fields[same[1][2][i]] = same[1][2][i + 1] end
    if top and not number_of(top) then
        mend(room, kept)
    elseif number < tonumber(last) or (same[1] and (fields.owner ~= owner or fields.id ~= id)) then
        call('HDEL', state, 'epoch') -- Redis has lost its newest messages: numbers would come twice
        return {'epoch'}
    end
    if call('HEXISTS', PREFIX .. 'rooms', room) == 0 then call('PEXPIRE', state, UNSAID_MS) end
    if call('EXISTS', here) == 0 then return {'gone'} end
    call('PEXPIRE', here, ALIVE_MS)
    if call('HGET', here, 'version') ~= version then
        call('HSET', here, 'version', version, 'members', members, 'names', names)
    end
    local signature, others = {}, {}
    for _, other in ipairs(tokens()) do
        local held = other ~= token and call('HMGET', here_key(room, other), 'version', 'members', 'names') or {}
        if held[1] and held[2] and held[3] then
            signature[#signature + 1] = other .. ':' .. held[1]
            others[#others + 1] = held[2]
            others[#others + 1] = held[3]
        end
    end
    signature = table.concat(signature, ' ')
    if signature == known then return {'ok'} end
    return {'ok', signature, others}
end

local commands = {node = node, bye = bye, load = load, store = store, mend = mend, enter = enter, guest = guest,
    leave = leave, empty = empty, claims = claims, beat = beat}
return commands[ARGV[1]](unpack(ARGV, 2))
