-- Texts as people search and sort them: whatever the case, and without accents. What is written elsewhere in folded
-- form (orders.lua) was folded by these very letters: whoever changes them gives the orders another name.

-- Latin-1, Latin Extended-A, and what Romanian and Vietnamese have beyond.
local LATIN = 'ÀÁÂÃÄÅàáâãäåĀāĂăĄąẠạẢảẤấẦầẨẩẪẫẬậẮắẰằẲẳẴẵẶặ=a Ææ=ae ÇçĆćĈĉĊċČč=c ÐðĎďĐđ=d ÈÉÊËèéêëĒēĔĕĖėĘęĚěẸẹẺẻẼẽẾếỀềỂểỄễỆệ=e '
    .. 'ĜĝĞğĠġĢģ=g ĤĥĦħ=h ÌÍÎÏìíîïĨĩĪīĬĭĮįİıỈỉỊị=i Ĳĳ=ij Ĵĵ=j Ķķĸ=k ĹĺĻļĽľĿŀŁł=l ÑñŃńŅņŇňŉŊŋ=n '
    .. 'ÒÓÔÕÖØòóôõöøŌōŎŏŐőƠơỌọỎỏỐốỒồỔổỖỗỘộỚớỜờỞởỠỡỢợ=o Œœ=oe ŔŕŖŗŘř=r ŚśŜŝŞşŠšſȘș=s ßẞ=ss ŢţŤťŦŧȚț=t Þþ=th '
    .. 'ÙÚÛÜùúûüŨũŪūŬŭŮůŰűŲųƯưỤụỦủỨứỪừỬửỮữỰự=u Ŵŵ=w ÝýÿŶŷŸỲỳỴỵỶỷỸỹ=y ŹźŻżŽž=z '
-- And beyond Latin, where each letter has two bytes, as has what stands for it below.
local OTHERS = 'АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЂЃЄЅІЇЈЉЊЋЌЍЎЏҐЁёЀѐ'
    .. 'ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΆάΈέΉήΊίΪϊΐΌόςΎύΫϋΰΏώԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՍՎՏՐՑՒՓՔՕՖ'
local PLAIN = 'абвгдежзийклмнопрстуфхцчшщъыьэюяђѓєѕіїјљњћќѝўџґееее'
    .. 'αβγδεζηθικλμνξοπρστυφχψωααεεηηιιιιιοοσυυυυυωωաբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆ'

-- Letter → what stands for it, looked up when a text has it first.
local plain = setmetatable({}, {__index = function(known, letter)
    local latin, other = string.find(LATIN, letter, 1, true), string.find(OTHERS, letter, 1, true)
    known[letter] = latin and string.match(LATIN, '=(%l+)', latin) or other and string.sub(PLAIN, other, other + 1) or letter
    return known[letter]
end})

local function fold(text)
    text = string.lower(text)
    if not string.find(text, '[\128-\255]') then return text end
    text = string.gsub(text, '\204[\128-\191]', '') -- accents that stand behind their letter
    text = string.gsub(text, '\205[\128-\175]', '')
    return (string.gsub(text, '[\194-\244][\128-\191]+', plain))
end
