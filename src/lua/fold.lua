-- Texts as people search and sort them: whatever the case, and without accents. What is written elsewhere in folded
-- form (orders.lua) was folded by these very letters: whoever changes them gives the orders another name.

local LETTER = '[\194-\244][\128-\191]+'
local plain -- letter → what stands for it; made for the first text that is not ASCII

local function letters()
    local like = { -- Latin-1, Latin Extended-A, and what Romanian and Vietnamese have beyond
        a = 'ÀÁÂÃÄÅàáâãäåĀāĂăĄąẠạẢảẤấẦầẨẩẪẫẬậẮắẰằẲẳẴẵẶặ', ae = 'Ææ', c = 'ÇçĆćĈĉĊċČč', d = 'ÐðĎďĐđ',
        e = 'ÈÉÊËèéêëĒēĔĕĖėĘęĚěẸẹẺẻẼẽẾếỀềỂểỄễỆệ', g = 'ĜĝĞğĠġĢģ', h = 'ĤĥĦħ',
        i = 'ÌÍÎÏìíîïĨĩĪīĬĭĮįİıỈỉỊị', ij = 'Ĳĳ', j = 'Ĵĵ', k = 'Ķķĸ', l = 'ĹĺĻļĽľĿŀŁł', n = 'ÑñŃńŅņŇňŉŊŋ',
        o = 'ÒÓÔÕÖØòóôõöøŌōŎŏŐőƠơỌọỎỏỐốỒồỔổỖỗỘộỚớỜờỞởỠỡỢợ', oe = 'Œœ', r = 'ŔŕŖŗŘř', s = 'ŚśŜŝŞşŠšſȘș',
        ss = 'ßẞ', t = 'ŢţŤťŦŧȚț', th = 'Þþ', u = 'ÙÚÛÜùúûüŨũŪūŬŭŮůŰűŲųƯưỤụỦủỨứỪừỬửỮữỰự', w = 'Ŵŵ',
        y = 'ÝýÿŶŷŸỲỳỴỵỶỷỸỹ', z = 'ŹźŻżŽž',
        ['α'] = 'Άά', ['ε'] = 'Έέ', ['η'] = 'Ήή', ['ι'] = 'ΊίΪϊΐ', ['ο'] = 'Όό', ['σ'] = 'ς', ['υ'] = 'ΎύΫϋΰ',
        ['ω'] = 'Ώώ', ['е'] = 'ЁёЀѐ',
    }
    local upper = 'АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЂЃЄЅІЇЈЉЊЋЌЍЎЏҐΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ'
        .. 'ԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՍՎՏՐՑՒՓՔՕՖ'
    local lower = 'абвгдежзийклмнопрстуфхцчшщъыьэюяђѓєѕіїјљњћќѝўџґαβγδεζηθικλμνξοπρστυφχψω'
        .. 'աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆ'
    local found, next_lower = {}, string.gmatch(lower, LETTER)
    for letter in string.gmatch(upper, LETTER) do found[letter] = next_lower() end
    for base, others in pairs(like) do
        for letter in string.gmatch(others, LETTER) do found[letter] = base end
    end
    return found
end

local function fold(text)
    text = string.lower(text)
    if not string.find(text, '[\128-\255]') then return text end
    plain = plain or letters()
    text = string.gsub(text, '\204[\128-\191]', '') -- accents that stand behind their letter
    text = string.gsub(text, '\205[\128-\175]', '')
    return (string.gsub(text, LETTER, plain))
end
